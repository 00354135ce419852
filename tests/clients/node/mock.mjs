// The mock server that every test here talks to. Started by someone else: its address comes in STEPGATE_MOCK_URL.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

export const URL_OF_MOCK = process.env.STEPGATE_MOCK_URL;
// Anything but the look of a real key.
export const KEY = 'test';
export const MODELS = ['gpt-test', 'claude-test', 'llama-test'];
export const WEATHER = { city: 'Bergen', days: 2, units: ['°C', 'mm'] };
// Given where the suite runs from a copy.
const replies = process.env.STEPGATE_MOCK_REPLIES ?? new URL('../replies', import.meta.url).pathname;
export const GREETING = readFileSync(`${replies}/greeting.md`, 'utf8');

/** What the server counts: 4 bytes a token, rounded up for each text. */
export const tokens = (...parts) =>
  parts.map((part) => Math.ceil(Buffer.byteLength(part) / 4)).reduce((sum, count) => sum + count, 0);

async function control(method, path) {
  const response = await fetch(URL_OF_MOCK + path, { method });
  assert.equal(response.ok, true, `${method} ${path}: ${response.status}`);
  return response;
}

/** Every rule begins from its first call, and the log is empty. */
export const reset = () => control('POST', '/_stepgate/reset');

/** What the server heard since the last reset. */
export async function requests() {
  const log = await (await control('GET', '/_stepgate/requests')).json();
  assert.equal(log.schema, 'stepgate.mock-requests/1');
  assert.deepEqual([log.total, log.dropped], [log.requests.length, 0]);
  return log.requests;
}

/** The status that each request since the last reset was answered with. */
export const statuses = async () => (await requests()).map((request) => request.status);

/** How the client itself numbers its attempts. */
export const retryCounts = async () =>
  (await requests()).map((request) => request.headers['x-stainless-retry-count']);

export const user = (content) => [{ role: 'user', content }];

/** The error that `call` is rejected with. */
export async function rejection(call) {
  try {
    await call;
  } catch (error) {
    return error;
  }
  return assert.fail('no error');
}

/** What `look` gives as soon as `over` holds for it; polled as one polls a provider, only faster. */
export async function ended(look, over) {
  for (let turn = 0; turn < 200; turn += 1) {
    const seen = await look();
    if (over(seen)) return seen;
    await pause(50);
  }
  return assert.fail('it does not end');
}

/** The milliseconds that `call` takes, and what it gives. */
export async function timed(call) {
  const begun = performance.now();
  const given = await call();
  return [performance.now() - begun, given];
}

/** All that a stream has. */
export async function drain(stream) {
  const items = [];
  for await (const item of stream) items.push(item);
  return items;
}
