import { describe, expect, test } from 'vitest';
import { MAX_CATCH_UP, type Missed, ON_TIME_MS, planDue } from '../../src/plan/due.ts';
import { MAX_QUEUED, turnOf } from '../../src/plan/overlap.ts';

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
const ago = (...hours: number[]): number[] => hours.map((hour) => NOW - hour * HOUR);
const plan = (times: number[], missed: Missed, graceMs = 24 * HOUR, more = false) =>
  planDue({ times, more }, NOW, { missed, graceMs });
const fired = ({ fire }: ReturnType<typeof plan>): number[] => fire.map(({ at }) => at);

describe('what is due', () => {
  test.each(['skip', 'run_once', 'run_all'] as const)('on time it fires, whatever %s says', (missed) => {
    expect(plan([NOW, NOW - ON_TIME_MS].sort(), missed)).toEqual({
      fire: [
        { at: NOW - ON_TIME_MS, late: false },
        { at: NOW, late: false },
      ],
    });
    expect(plan([], missed)).toEqual({ fire: [] });
  });

  test('skip lets the missed ones go, and says so as one', () => {
    const found = plan(ago(3, 2, 1), 'skip');
    expect(found.fire).toEqual([]);
    expect(found.skipped).toMatchObject({
      at: NOW - HOUR,
      count: 3,
      more: false,
      reason: 'missed: nothing was firing then',
    });
  });

  test('run_once makes up for all of them by the last', () => {
    const found = plan(ago(3, 2, 1), 'run_once');
    expect(found.fire).toEqual([{ at: NOW - HOUR, late: true }]);
    expect(found.skipped).toMatchObject({
      at: NOW - 2 * HOUR,
      count: 2,
      reason: expect.stringContaining('instead'),
    });
  });

  test('run_once needs no late one when one is on time', () => {
    expect(fired(plan([...ago(2, 1), NOW], 'run_once'))).toEqual([NOW]);
  });

  test('what is older than the grace does not run', () => {
    const found = plan(ago(3, 2), 'run_once', HOUR);
    expect(found.fire).toEqual([]);
    expect(found.skipped).toMatchObject({ count: 2, reason: expect.stringContaining('grace') });
    expect(fired(plan(ago(3, 2, 1), 'run_all', 2 * HOUR))).toEqual(ago(2, 1));
  });

  test('run_all makes up for each, the last so many', () => {
    expect(fired(plan([...ago(3, 2, 1), NOW], 'run_all'))).toEqual([...ago(3, 2, 1), NOW]);
    const many = Array.from({ length: 100 }, (_, index) => NOW - (100 - index) * 60_000);
    const found = plan(many, 'run_all', 24 * HOUR, true);
    expect(fired(found)).toEqual(many.slice(-MAX_CATCH_UP));
    expect(found.skipped).toMatchObject({ count: 100 - MAX_CATCH_UP, more: true });
  });
});

describe('one that is not finished', () => {
  const busy = { started: 1, queued: 0 };
  test.each(['skip', 'queue', 'replace', 'allow'] as const)('%s: nothing is under way', (overlap) => {
    expect(turnOf({ started: 0, queued: 0 }, overlap, false)).toBe('start');
  });
  test('skip', () => expect(turnOf(busy, 'skip', false)).toMatchObject({ skip: expect.any(String) }));
  test('queue', () => expect(turnOf(busy, 'queue', false)).toBe('queue'));
  test('replace', () => expect(turnOf(busy, 'replace', false)).toBe('replace'));
  test('allow', () => expect(turnOf(busy, 'allow', false)).toBe('start'));
  test.each(['skip', 'queue', 'replace'] as const)(
    '%s: those that make up for missed ones wait their turn',
    (overlap) => {
      expect(turnOf(busy, overlap, true)).toBe('queue');
    },
  );
  test('not without end', () => {
    expect(turnOf({ started: 1, queued: MAX_QUEUED }, 'queue', false)).toMatchObject({
      skip: expect.any(String),
    });
  });
});
