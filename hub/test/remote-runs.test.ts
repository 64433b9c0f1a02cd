import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileTool, defineTool, FlotillaError } from '@flotilla/core';
import { freePort, tempDir, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { Backend } from '../src/backend/backend.ts';
import { localBackend } from '../src/backend/local.ts';
import { mountsProbe } from '../src/mounts-probe.ts';
import { plainCaller } from './support/caller.ts';
import { PRINCIPAL, remote, type TestHub, testHub } from './support/hub.ts';
import { type Started, startFixture } from './support/processes.ts';

const TOKEN = 'a-token-that-is-long-enough-0123456789';
const LOCAL_RUN = 'run_01ARZ3NDEKTSV4RRFFQ69G5FAV';
const folder = tempDir('remote-runs');
let farm: Started;
let mounts: Backend[];
let port: number;
const hubs: TestHub[] = [];

/** The run tools of the hub itself; it knows one run. */
const ownRunTools = ['task_status', 'task_wait', 'task_output', 'task_cancel'].map((name) =>
  compileTool(
    defineTool({
      name,
      title: name,
      description: 'Of the hub itself.',
      effect: 'read',
      input: z.looseObject({ id: z.string() }),
      output: z.object({ answeredBy: z.string() }),
      run: async (_context, { id }) => {
        if (id !== LOCAL_RUN) throw new FlotillaError('NOT_FOUND', `There is no run ${id}.`);
        return { answeredBy: 'hub' };
      },
    }),
    'fleet',
  ),
);

function openHub(): TestHub {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const target = { kind: 'http' as const, url: `http://127.0.0.1:${port}/mcp`, headers };
  const mount = remote({ name: 'farm', own: true, expectServer: 'flotilla-farm', hubSecret: TOKEN, target });
  const hub = testHub(
    (audit) => (mounts = [localBackend('fleet', ownRunTools, plainCaller({ audit })), mount]),
    {
      knowsRun: (id) => id === LOCAL_RUN,
    },
  );
  hubs.push(hub);
  return hub;
}

async function start(): Promise<void> {
  farm = await startFixture('listening', 'runs-main.ts', join(folder.path, 'farm'), String(port), TOKEN);
}

beforeAll(async () => {
  port = await freePort();
  mkdirSync(join(folder.path, 'farm'), { mode: 0o700 });
  await start();
});
afterAll(async () => {
  await Promise.all(hubs.map((hub) => hub.stop()));
  await farm.kill();
  folder.remove();
});

const dataOf = (answer: { structuredContent?: unknown }): Record<string, unknown> =>
  answer.structuredContent as Record<string, unknown>;
const startWork = async (hub: TestHub, file: string): Promise<string> => {
  const { run } = dataOf(await hub.call('work', { until: join(folder.path, file) })) as {
    run: { id: string };
  };
  return run.id;
};

test('the handle of a run elsewhere works with the run tools of the hub', async () => {
  const hub = openHub();
  await hub.endpoint.settled(20_000);
  const id = await startWork(hub, 'a');
  expect(dataOf(await hub.call('task_status', { id }))).toMatchObject({
    id,
    state: 'running',
    server: 'farm',
  });
  const waiting = hub.call('task_wait', { id, seconds: 30 });
  writeFileSync(join(folder.path, 'a'), '');
  expect(dataOf(await waiting)).toMatchObject({ id, ended: true, output: { saw: join(folder.path, 'a') } });
});

test('a hub that never saw the handle finds the run too, and can cancel it', async () => {
  const first = openHub();
  const second = openHub();
  await Promise.all([first, second].map((hub) => hub.endpoint.settled(20_000)));
  const id = await startWork(first, 'never');
  expect(dataOf(await second.call('task_cancel', { id }))).toMatchObject({ id, state: 'cancelled' });
  await second.audit.flush();
  expect(second.audit.search({ tool: 'task_cancel' }).calls).toMatchObject([
    { principal: PRINCIPAL.id, result: 'ok' },
  ]);
});

test("the hub's own runs are never asked for elsewhere, also when the other server is gone", async () => {
  const hub = openHub();
  await hub.endpoint.settled(20_000);
  expect(dataOf(await hub.call('task_status', { id: LOCAL_RUN }))).toEqual({ answeredBy: 'hub' });
  expect(dataOf(await hub.call('task_status', { id: 'run_unknown' }))).toMatchObject({ code: 'NOT_FOUND' });
  const id = await startWork(hub, 'gone');
  await farm.kill();
  expect(dataOf(await hub.call('task_status', { id: LOCAL_RUN }))).toEqual({ answeredBy: 'hub' });
  expect(dataOf(await hub.call('task_status', { id }))).toMatchObject({ code: 'SERVER_UNAVAILABLE' });
  const unknown = dataOf(await hub.call('task_status', { id: 'run_unknown' }));
  expect(unknown).toMatchObject({ code: 'SERVER_UNAVAILABLE', details: { servers: ['farm'] } });
  await start();
  await waitFor(() => mounts[1]?.state.status === 'ready');
  writeFileSync(join(folder.path, 'gone'), '');
  expect(dataOf(await hub.call('task_wait', { id, seconds: 30 }))).toMatchObject({
    ended: true,
    state: 'succeeded',
  });
});

test('that the run tools of the other server are hidden is no problem worth a warning', async () => {
  const hub = openHub();
  await hub.endpoint.settled(20_000);
  expect(hub.endpoint.registry.get('task_status')?.backend.name).toBe('fleet');
  expect(hub.endpoint.registry.collisions.length).toBeGreaterThan(0);
  expect((await mountsProbe(mounts).look()).map(({ status }) => status)).toEqual(['ok', 'ok']);
});
