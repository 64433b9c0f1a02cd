import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunUpdate } from '@flotilla/core';
import { expect, test } from 'vitest';
import type { JobHandler } from '../src/index.ts';
import { startChildHub } from './fixtures/child-hub.ts';
import { handlers } from './fixtures/handlers.ts';
import { call, makeWorld, someone, startHub } from './fixtures/world.ts';
import { until } from './until.ts';

const gated = (gate: string, before = 'echo begun', after = 'echo done'): string =>
  `${before}; while [ ! -e ${gate} ]; do sleep 0.01; done; ${after}`;

/** Counts to three, each time when it is let go on. */
function counter(steps: (() => void)[]): JobHandler {
  return {
    lane: 'ssh-exec',
    tool: 'counter',
    timeoutMs: 0,
    async run(job) {
      for (let n = 1; n <= 3; n++) {
        job.progress({ progress: n, total: 3, message: `step ${n}` });
        await new Promise<void>((resolve) => steps.push(resolve));
      }
      return { counted: 3 };
    },
  };
}

test('a waiter is told of output and progress as they come, and of the end last', async () => {
  const goOn: (() => void)[] = [];
  const hub = await startHub(makeWorld(), { handlers: [...handlers, counter(goOn)] });
  const { id } = await hub.runs.submit(call('counter', {}));
  await until(() => hub.get(id).state === 'running');
  const seen: RunUpdate[] = [];
  const waiting = hub.runs.wait(id, 15_000, { onUpdate: (update) => seen.push(update) });
  for (let n = 1; n <= 3; n++) {
    await until(() => goOn.length === n);
    goOn[n - 1]?.();
  }
  expect((await waiting).state).toBe('succeeded');
  const told = seen.map((update) => update.progress?.progress).filter((n) => n !== undefined);
  expect(told).toEqual([...told].sort());
  expect(told.at(-1)).toBe(3);
  expect(seen.at(-1)).toMatchObject({ state: 'succeeded', progress: { message: 'step 3', total: 3 } });
  expect(seen.slice(0, -1).every((update) => update.state === 'running')).toBe(true);
});

test('output is told from memory, before any row holds it', async () => {
  const world = makeWorld();
  const gate = join(world.folder, 'gate');
  const hub = await startHub(world);
  const { id } = await hub.runs.submit(call('exec', { alias: 'web1', cmd: gated(gate) }));
  const tails: (string | undefined)[] = [];
  const waiting = hub.runs.wait(id, 15_000, { onUpdate: ({ tail }) => tails.push(tail) });
  await until(() => tails.includes('begun\n'));
  expect(hub.get(id)).toMatchObject({ state: 'running', tail: 'begun\n' });
  writeFileSync(gate, '');
  expect((await waiting).tail).toBe('begun\ndone\n');
  expect(tails.at(-1)).toBe('begun\ndone\n');
});

test('a run of another process is waited for with its output', async () => {
  const world = makeWorld();
  const gate = join(world.folder, 'gate');
  const holder = await startChildHub(world);
  const { id } = await holder.submit(call('exec', { alias: 'web1', cmd: gated(gate) }));
  const bystander = await startHub(world, { handlers: [] });
  const tails: (string | undefined)[] = [];
  const waiting = bystander.runs.wait(id, 20_000, { onUpdate: ({ tail }) => tails.push(tail) });
  await until(() => tails.includes('begun\n'));
  writeFileSync(gate, '');
  expect(await waiting).toMatchObject({ state: 'succeeded', output: { stdout: 'begun\ndone\n' } });
});

test('a wait ends at its time, when its caller goes away, and at once for what has ended', async () => {
  const world = makeWorld();
  const gate = join(world.folder, 'gate');
  const hub = await startHub(world);
  const { id } = await hub.runs.submit(call('exec', { alias: 'web1', cmd: gated(gate) }));
  await until(() => hub.get(id).state === 'running');
  expect((await hub.runs.wait(id, 0)).state).toBe('running');
  expect((await hub.runs.wait(id, 30)).state).toBe('running');
  const caller = new AbortController();
  const waiting = hub.runs.wait(id, 60_000, { signal: caller.signal });
  caller.abort();
  expect((await waiting).state).toBe('running');
  expect((await hub.runs.wait(id, 60_000, { signal: caller.signal })).state).toBe('running');
  const both = Promise.all([hub.runs.wait(id, 15_000), hub.runs.wait(id, 15_000)]);
  writeFileSync(gate, '');
  expect((await both).map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
  const updates: RunUpdate[] = [];
  const again = await hub.runs.wait(id, 60_000, { onUpdate: (update) => updates.push(update) });
  expect(again.state).toBe('succeeded');
});

test('nobody waits for a run that does not exist', async () => {
  const hub = await startHub(makeWorld());
  await expect(hub.runs.wait('run_nothing', 60_000)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a cancel from elsewhere ends the wait; a removed run is not waited for', async () => {
  const world = makeWorld();
  const gate = join(world.folder, 'gate');
  const holder = await startChildHub(world);
  const { id } = await holder.submit(call('exec', { alias: 'web1', cmd: gated(gate) }));
  const bystander = await startHub(world, { handlers: [] });
  const waiting = bystander.runs.wait(id, 20_000);
  const ended = expect(waiting).resolves.toMatchObject({ state: 'cancelled' });
  await bystander.cancel(id, someone);
  await ended;
  expect((await bystander.purge({})).ids).toEqual([id]);
  await expect(bystander.runs.wait(id, 1_000)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
