// The client `openai` with files and batches.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import OpenAI, { toFile } from 'openai';
import { client } from './openai-chat.mjs';
import { GREETING, ended, rejection, reset, user } from './mock.mjs';

const line = (custom_id, prompt) =>
  JSON.stringify({
    custom_id,
    method: 'POST',
    url: '/v1/chat/completions',
    body: { model: 'gpt-test', messages: user(prompt) },
  });

async function submit(...lines) {
  const file = await toFile(Buffer.from(lines.map((text) => `${text}\n`).join('')), 'requests.jsonl');
  const { id, purpose } = await client.files.create({ file, purpose: 'batch' });
  assert.equal(purpose, 'batch');
  return client.batches.create({
    input_file_id: id,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
  });
}

const over = (batch) => ['completed', 'failed', 'expired', 'cancelled'].includes(batch.status);

async function lines(file) {
  const text = await (await client.files.content(file)).text();
  return text.trimEnd().split('\n').map((line) => JSON.parse(line));
}

describe('openai, batches', () => {
  beforeEach(reset);

  it('brings home what was said and what failed', async () => {
    const { id } = await submit(line('good', 'case greet'), line('bad', 'case e400'));
    const batch = await ended(() => client.batches.retrieve(id), over);
    assert.equal(batch.status, 'completed');
    assert.deepEqual(batch.request_counts, { total: 2, completed: 1, failed: 1 });
    const [good] = await lines(batch.output_file_id);
    assert.deepEqual(
      [good.custom_id, good.response.body.choices[0].message.content],
      ['good', GREETING],
    );
    const [bad] = await lines(batch.error_file_id);
    assert.deepEqual([bad.custom_id, bad.response.status_code], ['bad', 400]);
    const listed = await client.batches.list();
    assert.ok(listed.data.some((other) => other.id === id));
  });

  it('can be cancelled', async () => {
    const { id } = await submit(line('one', 'case greet'), line('two', 'case greet'));
    const cancelled = await client.batches.cancel(id);
    assert.ok(['cancelling', 'cancelled'].includes(cancelled.status), cancelled.status);
    const batch = await ended(() => client.batches.retrieve(id), over);
    assert.equal(batch.status, 'cancelled');
  });

  it('is not found where it is not', async () => {
    const error = await rejection(client.batches.retrieve('batch_none'));
    assert.equal(error.constructor, OpenAI.NotFoundError);
  });
});
