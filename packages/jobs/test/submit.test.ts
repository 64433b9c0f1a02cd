import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createRedactor } from '@flotilla/core';
import { expect, test } from 'vitest';
import type { JobHandler } from '../src/index.ts';
import { LocalRunner } from './fixtures/local-runner.ts';
import { call, makeWorld, startHub } from './fixtures/world.ts';
import { until } from './until.ts';

const elsewhere = { lane: 'a-server-of-another-process' };

test('an identical call in flight by the same principal is the same run', async () => {
  const hub = await startHub(makeWorld());
  const request = call('exec', { alias: 'web1', cmd: 'sleep 0.3' });
  const first = await hub.runs.submit(request);
  expect(await hub.runs.submit(request)).toEqual({ id: first.id, existing: true });
  const others = await Promise.all([
    hub.runs.submit({ ...request, principal: { id: 'cli:1000', kind: 'cli' } }),
    hub.runs.submit({ ...request, args: { ...request.args, cmd: 'sleep 0.2' } }),
  ]);
  expect(others.every((other) => !other.existing && other.id !== first.id)).toBe(true);
  await hub.runs.wait(first.id, 10_000);
  expect(await hub.runs.submit(request)).toMatchObject({ existing: false });
});

test('identical calls at the same moment are one run, also from two processes', async () => {
  const world = makeWorld();
  const [a, b] = [await startHub(world), await startHub(world)];
  const effects = join(world.folder, 'effects');
  const request = call('exec', { alias: 'web1', cmd: `echo x >> ${effects}; sleep 0.2` });
  const submitted = await Promise.all(
    Array.from({ length: 10 }, (_, i) => (i % 2 ? a : b).runs.submit(request)),
  );
  expect(new Set(submitted.map((one) => one.id)).size).toBe(1);
  expect(submitted.filter((one) => !one.existing)).toHaveLength(1);
  await a.runs.wait(submitted[0]?.id ?? '', 10_000);
  expect(readFileSync(effects, 'utf8')).toBe('x\n');
});

test('an idempotencyKey names one call, for as long as history lasts', async () => {
  const hub = await startHub(makeWorld());
  const request = call('noop', { n: 1 }, { idempotencyKey: 'deploy-42' });
  const first = await hub.runs.submit(request);
  await hub.runs.wait(first.id, 10_000);
  expect(await hub.runs.submit(request)).toEqual({ id: first.id, existing: true });
  await expect(hub.runs.submit({ ...request, args: { n: 2 } })).rejects.toMatchObject({
    code: 'CONFLICT',
    details: { run: first.id },
  });
  const other = { ...request, principal: { id: 'cli:1', kind: 'cli' as const }, args: { n: 2 } };
  expect(await hub.runs.submit(other)).toMatchObject({ existing: false });
});

test('open runs are limited, history never counts', async () => {
  const hub = await startHub(makeWorld(), { limits: { maxOpenRuns: 5 } });
  for (let n = 0; n < 20; n++) {
    const { id } = await hub.runs.submit(call('noop', { n }));
    await hub.runs.wait(id, 10_000);
  }
  const parallel = await Promise.allSettled(
    Array.from({ length: 9 }, (_, n) => hub.runs.submit(call('noop', { n }, elsewhere))),
  );
  const refused = parallel.filter((one) => one.status === 'rejected');
  expect(refused).toHaveLength(4);
  expect(refused[0]?.reason).toMatchObject({ code: 'QUEUE_FULL', details: { limit: 5 } });
  expect(hub.stats()).toMatchObject({ depth: 5, total: 25 });
});

test('a refused run has no effect, although its handler was begun early', async () => {
  const world = makeWorld();
  const hub = await startHub(world, { limits: { maxOpenRuns: 3 } });
  const effects = join(world.folder, 'effects');
  const results = await Promise.allSettled(
    Array.from({ length: 12 }, (_, n) =>
      hub.runs.submit(call('exec', { alias: 'web1', cmd: `echo ${n} >> ${effects}; sleep 0.1` })),
    ),
  );
  const accepted = results.filter((one) => one.status === 'fulfilled').map((one) => one.value.id);
  expect(accepted).toHaveLength(3);
  for (const id of accepted) await hub.runs.wait(id, 10_000);
  await until(() => hub.store.read((sql) => sql.all('SELECT 1 FROM job_ticket')).length === 0);
  expect(readFileSync(effects, 'utf8').trim().split('\n')).toHaveLength(3);
  expect(world.runner.kept('web1').length).toBeLessThanOrEqual(3);
});

test('secret arguments are stored sealed and arrive whole at the handler', async () => {
  const world = makeWorld();
  const seen: unknown[] = [];
  const login: JobHandler = {
    lane: 'ssh-exec',
    tool: 'login',
    timeoutMs: 0,
    async run(job, args) {
      seen.push(structuredClone(args));
      await job.step.command('login', 'web1', { command: 'cat', stdin: 'canary-stdin-9431' });
      return { said: 'the password is canary-vault-1187' };
    },
  };
  const redactor = createRedactor({ values: ['canary-vault-1187', 'canary-stdin-9431'] });
  const hub = await startHub(world, { handlers: [login], redactor });
  const args = {
    user: 'ann',
    password: 'canary-secret-5522',
    nested: { key: 'canary-nested-7740' },
    list: ['canary-list-3308'],
    note: 'typed canary-vault-1187 here',
  };
  const request = call('login', args, {
    secretPaths: ['password', 'nested.key', 'list'],
    summary: 'login canary-vault-1187',
  });
  const { id } = await hub.runs.submit(request);
  const run = await hub.runs.wait(id, 10_000);
  expect(run.state).toBe('succeeded');
  expect(seen).toEqual([args]);
  expect(JSON.stringify(run)).not.toContain('canary');

  const again = await hub.retry(id, { from: 'start' }, request.principal);
  await hub.runs.wait(again.id, 10_000);
  expect(seen).toEqual([args, args]);
  await hub.store.check();
  for (const file of filesUnder(world.folder).filter((path) => !path.startsWith(world.hosts))) {
    expect(readFileSync(file).includes('canary'), file).toBe(false);
  }
});

test('secret fields alone are sealed without a redactor, and are found by digest without being shown', async () => {
  const world = makeWorld();
  const hub = await startHub(world);
  const request = call(
    'noop',
    { n: 1, password: 'canary-plain-6612' },
    { ...elsewhere, secretPaths: ['password'] },
  );
  const first = await hub.runs.submit(request);
  expect(await hub.runs.submit(request)).toEqual({ id: first.id, existing: true });
  const other = { ...request, args: { n: 1, password: 'canary-plain-6613' } };
  expect(await hub.runs.submit(other)).toMatchObject({ existing: false });
  const stored = hub.store.read((sql) => sql.all('SELECT * FROM job_run'));
  expect(JSON.stringify(stored)).not.toContain('canary');
});

test('the run folder and files are private to the user', async () => {
  const world = makeWorld();
  const hub = await startHub(world, { runner: new LocalRunner(world.hosts), limits: { capturedBytes: 64 } });
  const { id } = await hub.runs.submit(call('exec', { alias: 'web1', cmd: 'yes line | head -c 100000' }));
  await hub.runs.wait(id, 10_000);
  const folder = join(world.folder, 'output', id);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
});

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
