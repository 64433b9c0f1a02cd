import { tempDir, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestHub, testHub } from './support/hub.ts';
import { notesIn, rawMount } from './support/raw.ts';

const folder = tempDir('forwarding');
const notes = notesIn(folder.path, 'notes');
let hub: TestHub;

beforeAll(async () => {
  hub = testHub(() => [rawMount('raw', 'calls', { notes: notes.path }), rawMount('noisy', 'noisy')]);
  await hub.endpoint.settled(20_000);
});
afterAll(async () => {
  await hub.stop();
  folder.remove();
});

const codeOf = (answer: { structuredContent?: unknown }): unknown =>
  (answer.structuredContent as { code?: unknown } | undefined)?.code;

test('unknown fields, unknown blocks and _meta of a result pass; only the name of the server behind us does not', async () => {
  const answer = await hub.call('raw__one', { a: 1 });
  expect(answer).toEqual({
    content: [
      { type: 'text', text: 'hi' },
      { type: 'hologram', beams: 3, _meta: { a: 1 } },
    ],
    structuredContent: { args: { a: 1 }, meta: null },
    isError: false,
    extra: { 'x-unknown': [1, { two: 2 }], _meta: { 'example.org/trace': 'abc' } },
  });
});

test('_meta of a call passes, hop-by-hop fields and our signature do not', async () => {
  const meta = { traceparent: '00-1-1-01', 'io.modelcontextprotocol/protocolVersion': 'x', progressToken: 7 };
  const answer = await hub.call('raw__one', {}, { meta });
  expect(answer.structuredContent).toEqual({ args: {}, meta: { traceparent: '00-1-1-01' } });
});

test('a protocol error of the server keeps its code, message and data, and is audited', async () => {
  const failed = hub.call('raw__protocol_error');
  await expect(failed).rejects.toMatchObject({ code: -32042, message: 'Not today', data: { retryAfter: 5 } });
  await hub.audit.flush();
  const { calls } = hub.audit.search({ tool: 'raw__protocol_error' });
  expect(calls[0]).toMatchObject({ result: 'error', code: 'PROTOCOL_-32042', effect: 'destroy' });
});

test.each([
  ['not_an_object', 'SERVER_UNAVAILABLE'],
  ['bad_content', 'SERVER_UNAVAILABLE'],
  ['input_required', 'SERVER_UNAVAILABLE'],
])('an answer that breaks the protocol (%s) is a failure of that server: %s', async (name, code) => {
  const answer = await hub.call(`raw__${name}`);
  expect(codeOf(answer)).toBe(code);
  expect(answer.isError).toBe(true);
});

test('progress in the same chunk as the result is not lost, a hundred times over', async () => {
  for (let round = 0; round < 100; round += 1) {
    const seen: unknown[] = [];
    await hub.call('raw__burst', {}, { onProgress: (update) => seen.push(update) });
    expect(seen).toEqual([{ progress: 1 }, { progress: 2 }, { progress: 3 }]);
  }
});

test('a cancelled call is cancelled at the server', async () => {
  const cancel = new AbortController();
  const call = hub.call('raw__never', {}, { signal: cancel.signal });
  await waitFor(() => notes.read().includes('call never'));
  cancel.abort();
  expect(codeOf(await call)).toBe('CANCELLED');
  await waitFor(() => /cancelled \d+/.test(notes.read()));
});

test('arguments that are no object are refused here', async () => {
  expect(codeOf(await hub.call('raw__one', 'text'))).toBe('INVALID_INPUT');
  expect(codeOf(await hub.call('raw__one', [1]))).toBe('INVALID_INPUT');
});

test('what a server writes beside the protocol does no harm', async () => {
  expect((await hub.call('noisy__one')).isError).toBe(false);
});
