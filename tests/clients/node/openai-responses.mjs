// The client `openai` with Responses.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import OpenAI from 'openai';
import { client } from './openai-chat.mjs';
import { GREETING, WEATHER, drain, rejection, requests, reset, statuses, tokens } from './mock.mjs';

const WEATHER_TOOL = {
  type: 'function',
  name: 'weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
  strict: false,
};

/** The response, whole or gathered from a stream by the client. */
function ask(stream, input, { options, ...more } = {}) {
  const request = { model: 'gpt-test', input, ...more };
  return stream
    ? client.responses.stream(request, options).finalResponse()
    : client.responses.create(request, options);
}

for (const stream of [false, true]) {
  describe(`openai, Responses, ${stream ? 'streaming' : 'whole'}`, () => {
    beforeEach(reset);

    it('says the whole text', async () => {
      const response = await ask(stream, 'case greet, please', { instructions: 'You are brief. ß' });
      assert.deepEqual([response.output_text, response.status], [GREETING, 'completed']);
      assert.deepEqual(
        [response.usage.input_tokens, response.usage.output_tokens],
        [tokens('You are brief. ß', 'case greet, please'), tokens(GREETING)],
      );
      const [request] = await requests();
      assert.deepEqual(
        [request.path, request.dialect, request.stream],
        ['/v1/responses', 'openai-responses', stream],
      );
    });

    it('ends at the length', async () => {
      const response = await ask(stream, 'case length');
      assert.deepEqual(
        [response.status, response.incomplete_details],
        ['incomplete', { reason: 'max_output_tokens' }],
      );
    });

    it('is refused by the model', async () => {
      const response = await ask(stream, 'case refusal');
      const [part] = response.output[0].content;
      assert.deepEqual([part.type, part.refusal], ['refusal', 'I cannot help with that.']);
    });

    it('calls a tool and tells its result', async () => {
      const input = [{ role: 'user', content: 'case weather in Bergen' }];
      const asked = await ask(stream, input, { tools: [WEATHER_TOOL] });
      assert.equal(asked.output_text, 'I look it up.');
      const [call] = asked.output.filter((item) => item.type === 'function_call');
      assert.deepEqual([call.name, JSON.parse(call.arguments)], ['weather', WEATHER]);
      const { call_id, name } = call;
      input.push(
        { type: 'function_call', call_id, name, arguments: call.arguments },
        { type: 'function_call_output', call_id, output: '14 degrees and rain' },
      );
      const told = await ask(stream, input, { tools: [WEATHER_TOOL] });
      assert.equal(told.output_text, 'It is 14 degrees in Bergen, and it rains.');
    });

    it('is told of an error', async () => {
      const error = await rejection(ask(stream, 'case e429'));
      assert.deepEqual([error.constructor, error.status], [OpenAI.RateLimitError, 429]);
    });

    it('retries once after a server error', async () => {
      const response = await ask(stream, 'case flaky', { options: { maxRetries: 2 } });
      assert.equal(response.output_text, 'second time lucky');
      assert.deepEqual(await statuses(), [500, 200]);
    });
  });
}

describe('openai, Responses', () => {
  beforeEach(reset);

  it('numbers its events', async () => {
    const request = { model: 'gpt-test', input: 'case weather', stream: true };
    const events = await drain(await client.responses.create(request));
    assert.deepEqual(
      events.map((event) => event.sequence_number),
      events.map((_, index) => index),
    );
    assert.equal(events.at(-1).type, 'response.completed');
  });

  it('is told of an error in the stream', async () => {
    const request = { model: 'gpt-test', input: 'case broken-off', stream: true };
    const error = await rejection(client.responses.create(request).then(drain));
    assert.ok(error instanceof OpenAI.APIError, error);
    assert.equal(error.error.message, 'Too many are here');
  });
});
