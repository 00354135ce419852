// The client `openai` with Chat Completions.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import OpenAI from 'openai';
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

export const client = new OpenAI({ baseURL: `${URL_OF_MOCK}/v1`, apiKey: KEY, maxRetries: 0, timeout: 30_000 });

const WEATHER_TOOL = {
  type: 'function',
  function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
};

/** What the client hears, whole or as a stream, in one shape. */
async function ask(stream, messages, { options, ...more } = {}) {
  if (typeof messages === 'string') messages = user(messages);
  const request = { model: 'gpt-test', messages, ...more };
  let completion;
  let pieces = 1;
  if (stream) {
    const running = client.chat.completions.stream(
      { ...request, stream_options: { include_usage: true } },
      options,
    );
    pieces = 0;
    running.on('content', () => (pieces += 1));
    completion = await running.finalChatCompletion();
  } else {
    completion = await client.chat.completions.create(request, options);
  }
  const [{ message, finish_reason: finish }] = completion.choices;
  const usage = completion.usage;
  assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
  return {
    text: message.refusal ?? message.content ?? '',
    finish: message.refusal ? 'refusal' : finish,
    tokens: [usage.prompt_tokens, usage.completion_tokens],
    cached: usage.prompt_tokens_details?.cached_tokens,
    calls: message.tool_calls ?? [],
    pieces,
  };
}

for (const stream of [false, true]) {
  describe(`openai, Chat Completions, ${stream ? 'streaming' : 'whole'}`, () => {
    beforeEach(reset);

    it('says the whole text', async () => {
      const [system, prompt] = ['You are brief. ß', 'case greet, please'];
      const heard = await ask(stream, [{ role: 'system', content: system }, ...user(prompt)]);
      assert.deepEqual([heard.text, heard.finish], [GREETING, 'stop']);
      assert.deepEqual(heard.tokens, [tokens(system, prompt), tokens(GREETING)]);
      assert.equal(heard.pieces > 1, stream);
      const [request] = await requests();
      assert.deepEqual(
        [request.path, request.dialect, request.model, request.stream, request.rule, request.status],
        ['/v1/chat/completions', 'openai', 'gpt-test', stream, 'greets', 200],
      );
    });

    for (const word of ['split', 'misplaced-pings', 'doubled-pings']) {
      it(`hears an odd stream all the same: ${word}`, async () => {
        assert.equal((await ask(stream, `case ${word}`)).text, GREETING);
      });
    }

    for (const [word, finish] of [
      ['length', 'length'],
      ['filter', 'content_filter'],
      ['refusal', 'refusal'],
    ]) {
      it(`ends for a reason: ${word}`, async () => {
        assert.equal((await ask(stream, `case ${word}`)).finish, finish);
      });
    }

    it('calls a tool and tells its result', async () => {
      const messages = user('case weather in Bergen');
      const asked = await ask(stream, messages, { tools: [WEATHER_TOOL] });
      assert.deepEqual([asked.text, asked.finish], ['I look it up.', 'tool_calls']);
      const [call] = asked.calls;
      assert.deepEqual([call.function.name, JSON.parse(call.function.arguments)], ['weather', WEATHER]);
      messages.push(
        { role: 'assistant', tool_calls: [call] },
        { role: 'tool', tool_call_id: call.id, content: '14 degrees and rain' },
      );
      const told = await ask(stream, messages, { tools: [WEATHER_TOOL] });
      assert.equal(told.text, 'It is 14 degrees in Bergen, and it rains.');
      assert.deepEqual((await requests()).at(-1).body.messages, JSON.parse(JSON.stringify(messages)));
    });

    it('calls two tools at once', async () => {
      const { calls } = await ask(stream, 'case two-tools', { tools: [WEATHER_TOOL] });
      assert.deepEqual(
        calls.map((call) => JSON.parse(call.function.arguments)),
        [{ city: 'Bergen' }, { city: 'Oslo' }],
      );
    });

    for (const [word, kind, status, message] of [
      ['e400', OpenAI.BadRequestError, 400, 'The request is bad'],
      ['e401', OpenAI.AuthenticationError, 401, 'The key is bad'],
      ['e403', OpenAI.PermissionDeniedError, 403, 'The door is shut'],
      ['e429', OpenAI.RateLimitError, 429, 'Slow down'],
      ['e500', OpenAI.InternalServerError, 500, 'The server had an error'],
      ['e529', OpenAI.InternalServerError, 529, 'Too many are here'],
    ]) {
      it(`is told of an error: ${word}`, async () => {
        const error = await rejection(ask(stream, `case ${word}`));
        assert.deepEqual([error.constructor, error.status, error.error.message], [kind, status, message]);
        assert.ok(error.requestID);
        assert.deepEqual(await statuses(), [status]);
      });
    }

    it('finds nothing where no rule fits', async () => {
      const error = await rejection(ask(stream, 'what nobody has a rule for'));
      assert.equal(error.constructor, OpenAI.NotFoundError);
      assert.match(error.message, /rule/);
    });

    it('retries once after a server error', async () => {
      const heard = await ask(stream, 'case flaky', { options: { maxRetries: 2 } });
      assert.equal(heard.text, 'second time lucky');
      assert.deepEqual(await statuses(), [500, 200]);
      assert.deepEqual(await retryCounts(), ['0', '1']);
    });

    it('retries after a lost connection', async () => {
      const heard = await ask(stream, 'case hang-up', { options: { maxRetries: 2 } });
      assert.equal(heard.text, 'second time lucky');
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

    it('has equal prefixes cached', async () => {
      const prefix = [{ role: 'system', content: (stream ? 'qrstuvwx' : 'QRSTUVWX').repeat(1000) }];
      const first = await ask(stream, [...prefix, ...user('case cache one')]);
      const second = await ask(stream, [...prefix, ...user('case cache two')]);
      assert.deepEqual([first.cached, second.cached], [0, 1920]);
    });
  });
}

describe('openai, Chat Completions', () => {
  beforeEach(reset);

  for (const [word, kind] of [
    ['broken-off', OpenAI.APIError],
    ['cut', Error],
    ['malformed', SyntaxError],
  ]) {
    it(`is told of a stream that breaks: ${word}`, async () => {
      const request = { model: 'gpt-test', messages: user(`case ${word}`), stream: true };
      const stream = await client.chat.completions.create(request);
      const error = await rejection(drain(stream));
      assert.ok(error instanceof kind, error);
      if (kind === OpenAI.APIError) assert.equal(error.error.message, 'Too many are here');
      assert.deepEqual(await statuses(), [200]);
    });
  }

  it('gives up after its retries', async () => {
    const options = { maxRetries: 2 };
    const error = await rejection(ask(false, 'case e429', { options }));
    assert.equal(error.constructor, OpenAI.RateLimitError);
    assert.deepEqual(await retryCounts(), ['0', '1', '2']);
  });

  it('knows a spent quota', async () => {
    const error = await rejection(ask(false, 'case quota'));
    assert.deepEqual([error.code, error.type], ['insufficient_quota', 'insufficient_quota']);
  });

  it('lists the models', async () => {
    const models = await client.models.list();
    assert.deepEqual(
      models.data.map((model) => model.id),
      MODELS,
    );
    assert.equal((await client.models.retrieve('gpt-test')).id, 'gpt-test');
    const error = await rejection(client.models.retrieve('nobody'));
    assert.equal(error.constructor, OpenAI.NotFoundError);
  });
});
