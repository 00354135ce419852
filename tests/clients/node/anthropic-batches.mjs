// The client `@anthropic-ai/sdk` with message batches.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { client, requestOf, textOf } from './anthropic.mjs';
import { GREETING, drain, ended, rejection, reset } from './mock.mjs';

const submit = (prompts) =>
  client.messages.batches.create({
    requests: Object.entries(prompts).map(([custom_id, prompt]) => ({
      custom_id,
      params: requestOf(prompt),
    })),
  });

const over = (batch) => batch.processing_status === 'ended';
const NONE = { processing: 0, succeeded: 0, errored: 0, canceled: 0, expired: 0 };

describe('anthropic, batches', () => {
  beforeEach(reset);

  it('brings home what was said and what failed', async () => {
    const { id } = await submit({ good: 'case greet', bad: 'case e400' });
    const batch = await ended(() => client.messages.batches.retrieve(id), over);
    assert.deepEqual(batch.request_counts, { ...NONE, succeeded: 1, errored: 1 });
    const lines = await drain(await client.messages.batches.results(id));
    const results = Object.fromEntries(lines.map((line) => [line.custom_id, line.result]));
    assert.equal(textOf(results.good.message), GREETING);
    assert.equal(results.bad.error.error.type, 'invalid_request_error');
  });

  it('can be cancelled', async () => {
    const { id } = await submit({ one: 'case greet', two: 'case greet' });
    const cancelled = await client.messages.batches.cancel(id);
    assert.ok(['canceling', 'ended'].includes(cancelled.processing_status));
    const batch = await ended(() => client.messages.batches.retrieve(id), over);
    assert.deepEqual(batch.request_counts, { ...NONE, canceled: 2 });
  });

  it('is not found where it is not', async () => {
    const error = await rejection(client.messages.batches.retrieve('msgbatch_none'));
    assert.ok(error instanceof Anthropic.NotFoundError, error);
  });
});
