import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_CATCH_UP, MISSED, planDue } from '../../src/plan/due.ts';
import { passed } from '../../src/when/fire-times.ts';
import { fireTimes, type When } from '../../src/when/when.ts';

const START = Date.parse('2026-03-28T12:00:00Z');
const DAY = 86_400_000;

const when: fc.Arbitrary<When> = fc.oneof(
  fc.record({
    kind: fc.constant('every' as const),
    everyMs: fc.integer({ min: 60_000, max: 3_600_000 }),
    anchor: fc.integer({ min: START - DAY, max: START }),
  }),
  fc.record({
    kind: fc.constant('cron' as const),
    cron: fc.constantFrom('*/7 * * * *', '30 2 * * *', '0,30 1-3 * * *', '15 * * * *', '@hourly'),
  }),
  fc.record({ kind: fc.constant('at' as const), at: fc.integer({ min: START, max: START + 2 * DAY }) }),
);
const zone = fc.constantFrom('Europe/Paris', 'America/New_York', 'Australia/Lord_Howe', 'UTC');
/** Steps of the clock from one look to the next, mostly short. */
const steps = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 30_000 }), fc.integer({ min: 1, max: 6 * 3_600_000 })),
  { minLength: 5, maxLength: 60 },
);

test('whenever somebody looks, each fire time is decided once: it fires, or is counted as left out', () => {
  fc.assert(
    fc.property(when, zone, steps, fc.constantFrom(...MISSED), (rule, inZone, ahead, missed) => {
      const times = fireTimes(rule, inZone);
      const fired: number[] = [];
      let leftOut = 0;
      let uncounted = false;
      let decided = START;
      for (const step of ahead) {
        const now = decided + step;
        const plan = planDue(passed(times, decided, now), now, { missed, graceMs: DAY });
        fired.push(...plan.fire.map(({ at }) => at));
        leftOut += plan.skipped?.count ?? 0;
        uncounted ||= plan.skipped?.more ?? false;
        expect(plan.fire.filter(({ late }) => late).length).toBeLessThanOrEqual(MAX_CATCH_UP);
        for (const { at } of plan.fire) expect(at > decided && at <= now).toBe(true);
        decided = now;
      }
      expect(fired).toEqual([...new Set(fired)].toSorted((a, b) => a - b));
      if (uncounted) return;
      const all = passed(times, START, decided, 10_000).times;
      expect(fired.length + leftOut).toBe(all.length);
      for (const at of fired) expect(all).toContain(at);
    }),
    { numRuns: 150 },
  );
});
