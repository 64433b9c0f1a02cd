import { describe, expect, test } from 'vitest';
import { wallClock } from './support/clock.ts';
import { testProcess } from './support/process.ts';

const on = testProcess();
const clock = wallClock();
const HOUR = 3_600_000;

/** Its first firing is under way when the second fire time comes. */
async function twice(name: string, overlap: string, more: object = {}): Promise<void> {
  const args = { alias: 'web1', file: on.file(name), gate: on.file(`${name}-gate`), ...more };
  await on.ok('schedule_add', { name, every: '1h', overlap, tool: 'mark_run', args });
  clock.put(HOUR);
  await on.until(name, ([one]) => one?.state === 'running' && on.lines(name) === 1);
  clock.put(HOUR);
  await on.until(name, ({ length }) => length === 2);
}

describe('the second fire time, while the first run is under way', () => {
  test('skip: no call, and why', async () => {
    await twice('skip', 'skip');
    const [second] = (await on.show('skip')).firings;
    expect(second).toMatchObject({ state: 'skipped', reason: 'the one before it was not finished' });
    on.open('skip-gate');
    await on.until('skip', ([, first]) => first?.state === 'succeeded');
    expect(on.lines('skip')).toBe(1);
    clock.put(HOUR);
    await on.until('skip', ([third]) => third?.state === 'succeeded');
    expect(on.lines('skip')).toBe(2);
  });

  test('queue: it begins when the first has ended', async () => {
    await twice('queue', 'queue');
    expect((await on.show('queue')).firings[0]).toMatchObject({ state: 'queued' });
    expect(on.lines('queue')).toBe(1);
    on.open('queue-gate');
    const [second, first] = await on.until('queue', (all) => all.every(({ state }) => state === 'succeeded'));
    expect(second?.startedAt && first?.endedAt && second.startedAt >= first.endedAt).toBe(true);
    expect(on.lines('queue')).toBe(2);
  });

  test('replace: the first is cancelled on its host, then the second begins', async () => {
    await twice('replace', 'replace');
    await on.until(
      'replace',
      ([second, first]) => first?.state === 'cancelled' && second?.state === 'running',
    );
    on.open('replace-gate');
    await on.until('replace', ([second]) => second?.state === 'succeeded');
    expect(on.lines('replace')).toBe(2);
  });

  test('allow: both run', async () => {
    await twice('allow', 'allow');
    const both = await on.until('allow', (all) => all.every(({ state }) => state === 'running'));
    expect(new Set(both.map(({ runId }) => runId)).size).toBe(2);
    on.open('allow-gate');
    await on.until('allow', (all) => all.every(({ state }) => state === 'succeeded'));
    expect(on.lines('allow')).toBe(2);
  });
});

test('replace ends a call that is no run', async () => {
  const args = { file: on.file('hold'), holdMs: 120_000 };
  await on.ok('schedule_add', { name: 'hold', every: '1h', overlap: 'replace', tool: 'change_now', args });
  clock.put(HOUR);
  await on.until('hold', ([one]) => one?.state === 'calling' && on.lines('hold') === 1);
  clock.put(HOUR);
  const [, first] = await on.until(
    'hold',
    ([second]) => second?.state === 'calling' && on.lines('hold') === 2,
  );
  expect(first).toMatchObject({ state: 'cancelled', reason: 'replaced by a later one' });
  await on.ok('schedule_remove', { name: 'hold' });
});

test('what waits does not begin after a pause', async () => {
  await twice('paused', 'queue');
  await on.ok('schedule_add', { name: 'paused', enabled: false });
  on.open('paused-gate');
  const [second] = await on.until('paused', ([, first]) => first?.state === 'succeeded');
  expect(second).toMatchObject({ state: 'skipped', reason: 'paused before its turn came' });
  expect(on.lines('paused')).toBe(1);
});
