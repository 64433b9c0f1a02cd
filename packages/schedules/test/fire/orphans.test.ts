import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createOrphans } from '../../src/fire/adopt.ts';
import { createPause } from '../../src/fire/pause.ts';
import type { Firing } from '../../src/store/types.ts';

let now = 0;
beforeEach(() => {
  now = 1_000_000;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => vi.restoreAllMocks());

const firing = (id: number, beat: number, caller = 'other'): Firing => ({
  ...{ id, schedule: 's', kind: 'time', fireAt: 0, state: 'calling', late: false, times: 1, replaced: false },
  ...{ caller, beat, decidedAt: 0 },
});
/** Looks once a second at what `calling` is by then; the second at which there is an orphan. */
function secondOf(calling: (second: number) => Firing[], max = 30): number | undefined {
  const orphans = createOrphans(({ caller }) => caller === 'me');
  for (let second = 0; second <= max; second += 1) {
    if (orphans.among(calling(second)).length > 0) return second;
    now += 1_000;
  }
  return undefined;
}

test('a counter that stands still for five seconds', () => {
  expect(secondOf(() => [firing(1, 7)])).toBe(5);
});
test('not one that moves', () => {
  expect(secondOf((second) => [firing(1, second)])).toBeUndefined();
});
test('not one that another process has taken over meanwhile', () => {
  expect(secondOf((second) => [firing(1, 7, second < 4 ? 'a' : 'b')])).toBe(9);
});
test('not those of this process', () => {
  expect(secondOf(() => [firing(1, 7, 'me')])).toBeUndefined();
});
test('time in which nobody looked does not count', () => {
  const orphans = createOrphans(() => false);
  orphans.among([firing(1, 7)]);
  now += 3_600_000;
  expect(orphans.among([firing(1, 7)])).toEqual([]);
});

test('a pause ends when something happens, also when it happened before', async () => {
  const stop = new AbortController();
  const pause = createPause(stop.signal);
  pause.end();
  await pause.last(1_000_000);
  const lasting = pause.last(1_000_000);
  pause.end();
  await lasting;
  await pause.last(1);
  const last = pause.last(1_000_000);
  stop.abort();
  await last;
  await pause.last(1_000_000);
});
