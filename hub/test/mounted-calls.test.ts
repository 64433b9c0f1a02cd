import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CallOptions, ToolCalls } from '@flotilla/core';
import { freePort, tempDir } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mountedCalls } from '../src/mounted-calls.ts';
import { PRINCIPAL, remote, type TestHub, testHub } from './support/hub.ts';
import { fixtureCommand, type Started, startFixture } from './support/processes.ts';

const TOKEN = 'a-token-that-is-long-enough-0123456789';
const folder = tempDir('mounted-calls');
let farm: Started;
let hub: TestHub;
let calls: ToolCalls;
const as = (): CallOptions => ({ principal: PRINCIPAL, signal: new AbortController().signal });

beforeAll(async () => {
  const port = await freePort();
  mkdirSync(join(folder.path, 'farm'), { mode: 0o700 });
  farm = await startFixture('listening', 'runs-main.ts', join(folder.path, 'farm'), String(port), TOKEN);
  const headers = { authorization: `Bearer ${TOKEN}` };
  const target = { kind: 'http' as const, url: `http://127.0.0.1:${port}/mcp`, headers };
  const env = { PATH: process.env['PATH'] ?? '' };
  hub = testHub(() => [
    remote({ name: 'farm', own: true, expectServer: 'flotilla-farm', hubSecret: TOKEN, target }),
    remote({
      name: 'theirs',
      target: { kind: 'stdio', ...fixtureCommand('v1-server.mjs'), env },
    }),
  ]);
  await hub.endpoint.settled(30_000);
  calls = mountedCalls({ endpoint: hub.endpoint, definition: () => undefined });
});
afterAll(async () => {
  await hub.stop();
  await farm.kill();
  folder.remove();
});

test('a run of a server elsewhere is started, waited for and seen to its end', async () => {
  const until = join(folder.path, 'a');
  const called = await calls.call('work', { until }, as());
  expect(called).toMatchObject({ runId: expect.stringMatching(/^run_/) });
  const id = 'runId' in called ? called.runId : '';
  expect(await calls.wait(id, 0, as())).toMatchObject({ id, state: 'running' });
  writeFileSync(until, '');
  expect(await calls.wait(id, 30_000, as())).toMatchObject({ state: 'succeeded', output: { saw: until } });
});

test('a run elsewhere is cancelled', async () => {
  const called = await calls.call('work', { until: join(folder.path, 'never') }, as());
  const id = 'runId' in called ? called.runId : '';
  await calls.cancel(id, PRINCIPAL);
  expect(await calls.wait(id, 30_000, as())).toMatchObject({
    state: 'cancelled',
    failure: { code: 'CANCELLED' },
  });
});

test('failures of a tool elsewhere are thrown', async () => {
  await expect(
    calls.call('task_status', { id: 'run_01ARZ3NDEKTSV4RRFFQ69G5FAV' }, as()),
  ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(calls.call('nobody', {}, as())).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a tool of somebody else is known by its list, and called', async () => {
  const names = calls.names().filter((name) => name.startsWith('theirs__'));
  expect(names.length).toBeGreaterThan(0);
  const tool = calls.find(names[0] ?? '');
  expect(tool).toMatchObject({ server: 'theirs', job: false });
  expect(() => tool?.check('text')).toThrow(/object/);
  expect(calls.find('nobody')).toBeUndefined();
});
