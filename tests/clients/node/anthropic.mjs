// The client `@anthropic-ai/sdk` with Messages.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import {
  GREETING,
  KEY,
  MODELS,
  URL_OF_MOCK,
  WEATHER,
  drain,
  rejection,
  requests,
  reset,
  retryCounts,
  statuses,
  timed,
  tokens,
  user,
} from './mock.mjs';

export const client = new Anthropic({ baseURL: URL_OF_MOCK, apiKey: KEY, maxRetries: 0, timeout: 30_000 });

const WEATHER_TOOL = {
  name: 'weather',
  input_schema: { type: 'object', properties: { city: { type: 'string' } } },
};

export const requestOf = (messages, more = {}) => ({
  model: 'claude-test',
  max_tokens: 1000,
  messages: typeof messages === 'string' ? user(messages) : messages,
  ...more,
});

export const textOf = (message) =>
  message.content
    .filter((block) => block.type === 'text')
    .map((block) => block.text)
    .join('');

/** The message, whole or gathered from a stream by the client. */
function ask(stream, messages, { options, ...more } = {}) {
  const request = requestOf(messages, more);
  return stream
    ? client.messages.stream(request, options).finalMessage()
    : client.messages.create(request, options);
}

for (const stream of [false, true]) {
  describe(`anthropic, Messages, ${stream ? 'streaming' : 'whole'}`, () => {
    beforeEach(reset);

    it('says the whole text', async () => {
      const message = await ask(stream, 'case greet, please', { system: 'You are brief. ß' });
      assert.deepEqual([textOf(message), message.stop_reason], [GREETING, 'end_turn']);
      assert.deepEqual(
        [message.usage.input_tokens, message.usage.output_tokens],
        [tokens('You are brief. ß', 'case greet, please'), tokens(GREETING)],
      );
      const [request] = await requests();
      assert.deepEqual(
        [request.path, request.dialect, request.model, request.stream, request.rule, request.status],
        ['/v1/messages', 'anthropic', 'claude-test', stream, 'greets', 200],
      );
    });

    for (const word of ['split', 'misplaced-pings', 'doubled-pings']) {
      it(`hears an odd stream all the same: ${word}`, async () => {
        assert.equal(textOf(await ask(stream, `case ${word}`)), GREETING);
      });
    }

    for (const [word, reason] of [
      ['length', 'max_tokens'],
      ['refusal', 'refusal'],
    ]) {
      it(`ends for a reason: ${word}`, async () => {
        assert.equal((await ask(stream, `case ${word}`)).stop_reason, reason);
      });
    }

    it('calls a tool and tells its result', async () => {
      const messages = user('case weather in Bergen');
      const asked = await ask(stream, messages, { tools: [WEATHER_TOOL] });
      assert.deepEqual([textOf(asked), asked.stop_reason], ['I look it up.', 'tool_use']);
      const [call] = asked.content.filter((block) => block.type === 'tool_use');
      assert.deepEqual([call.name, call.input], ['weather', WEATHER]);
      const result = { type: 'tool_result', tool_use_id: call.id, content: '14 degrees and rain' };
      messages.push({ role: 'assistant', content: asked.content }, { role: 'user', content: [result] });
      const told = await ask(stream, messages, { tools: [WEATHER_TOOL] });
      assert.equal(textOf(told), 'It is 14 degrees in Bergen, and it rains.');
    });

    for (const [word, kind, status, type] of [
      ['e400', Anthropic.BadRequestError, 400, 'invalid_request_error'],
      ['e401', Anthropic.AuthenticationError, 401, 'authentication_error'],
      ['e403', Anthropic.PermissionDeniedError, 403, 'permission_error'],
      ['e429', Anthropic.RateLimitError, 429, 'rate_limit_error'],
      ['e500', Anthropic.InternalServerError, 500, 'api_error'],
      ['e529', Anthropic.InternalServerError, 529, 'overloaded_error'],
    ]) {
      it(`is told of an error: ${word}`, async () => {
        const error = await rejection(ask(stream, `case ${word}`));
        assert.ok(error instanceof kind, error);
        assert.deepEqual([error.status, error.error.type, error.error.error.type], [status, 'error', type]);
        assert.equal(error.error.request_id, error.requestID);
        assert.deepEqual(await statuses(), [status]);
      });
    }

    it('finds nothing where no rule fits', async () => {
      const error = await rejection(ask(stream, 'what nobody has a rule for'));
      assert.ok(error instanceof Anthropic.NotFoundError, error);
      assert.match(error.message, /rule/);
    });

    it('retries once after a server error', async () => {
      const message = await ask(stream, 'case flaky', { options: { maxRetries: 2 } });
      assert.equal(textOf(message), 'second time lucky');
      assert.deepEqual(await statuses(), [500, 200]);
      assert.deepEqual(await retryCounts(), ['0', '1']);
    });

    it('retries after a lost connection', async () => {
      const message = await ask(stream, 'case hang-up', { options: { maxRetries: 2 } });
      assert.equal(textOf(message), 'second time lucky');
      assert.deepEqual(await retryCounts(), ['0', '1']);
    });

    for (const word of ['pause-seconds', 'pause-date']) {
      it(`waits as long as it is told: ${word}`, async () => {
        // Of its own accord the client waits at most half a second.
        const [took] = await timed(() => ask(stream, `case ${word}`, { options: { maxRetries: 2 } }));
        assert.ok(took > 900, `${took} ms`);
        assert.deepEqual(await statuses(), [429, 200]);
      });
    }

    it('does not retry when told so', async () => {
      const options = { maxRetries: 2 };
      const error = await rejection(ask(stream, 'case no-retry', { options }));
      assert.equal(error.status, 500);
      assert.deepEqual(await statuses(), [500]);
    });

    it('has marked blocks cached', async () => {
      const text = (stream ? 'abcdefgh' : 'ABCDEFGH').repeat(1000);
      const system = [{ type: 'text', text, cache_control: { type: 'ephemeral' } }];
      const { usage: first } = await ask(stream, 'case cache one', { system });
      const { usage: second } = await ask(stream, 'case cache two', { system });
      assert.deepEqual(
        [first, second].map((usage) => [
          usage.input_tokens,
          usage.cache_creation_input_tokens,
          usage.cache_read_input_tokens,
        ]),
        [
          [tokens('case cache one'), 2000, 0],
          [tokens('case cache one'), 0, 2000],
        ],
      );
    });
  });
}

describe('anthropic, Messages', () => {
  beforeEach(reset);

  it('is told of an error in the stream', async () => {
    const stream = await client.messages.create(requestOf('case broken-off', { stream: true }));
    const error = await rejection(drain(stream));
    assert.ok(error instanceof Anthropic.APIError, error);
    assert.deepEqual(error.error.error, { type: 'overloaded_error', message: 'Too many are here' });
  });

  for (const word of ['cut', 'malformed']) {
    it(`is told of a stream that breaks: ${word}`, async () => {
      const stream = await client.messages.create(requestOf(`case ${word}`, { stream: true }));
      assert.ok((await rejection(drain(stream))) instanceof Error);
    });
  }

  it('gives up after its retries', async () => {
    const options = { maxRetries: 2 };
    const error = await rejection(ask(false, 'case e529', { options }));
    assert.equal(error.status, 529);
    assert.deepEqual(await retryCounts(), ['0', '1', '2']);
  });

  it('counts tokens', async () => {
    const { model, messages } = requestOf('case greet');
    const counted = await client.messages.countTokens({ model, messages });
    assert.equal(counted.input_tokens, tokens('case greet'));
  });

  it('lists the models', async () => {
    const models = await drain(client.models.list());
    assert.deepEqual(
      models.map((model) => [model.id, model.type]),
      MODELS.map((id) => [id, 'model']),
    );
    const error = await rejection(client.models.retrieve('nobody'));
    assert.ok(error instanceof Anthropic.NotFoundError, error);
  });
});
