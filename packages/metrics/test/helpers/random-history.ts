import { join } from 'node:path';
import { tempDir } from '@flotilla/testkit';
import fc from 'fast-check';
import { expect } from 'vitest';
import { MetricsFile } from '../../src/file/metrics-file.ts';
import type { Bucket } from '../../src/types.ts';

const START = Date.UTC(2026, 0, 5);
const SPAN_S = 3 * 3_600;

interface Written {
  at: number;
  values: Record<string, number>;
}

const Sample = fc.record({
  second: fc.integer({ min: 0, max: SPAN_S - 1 }),
  // Whole numbers below 2^24: exact in a single float as well.
  values: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: -1_000, max: 1_000 }), {
    minKeys: 1,
  }),
});

/** Batches in any order of time, and after which of them the writer is replaced. */
const History = fc.array(
  fc.record({ samples: fc.array(Sample, { minLength: 1, maxLength: 30 }), restart: fc.boolean() }),
  {
    minLength: 1,
    maxLength: 6,
  },
);

/** What a step must hold, straight from the samples. */
function expected(samples: readonly Written[], name: string, stepMs: number): Bucket[] {
  const bySecond = new Map<number, number>();
  for (const { at, values } of samples) if (values[name] !== undefined) bySecond.set(at, values[name]);
  const points = [...bySecond].sort(([a], [b]) => a - b);
  const steps = Map.groupBy(points, ([at]) => Math.floor(at / stepMs) * stepMs);
  return [...steps].map(([at, found]) => {
    const numbers = found.map(([, value]) => value);
    return {
      at,
      min: Math.min(...numbers),
      max: Math.max(...numbers),
      sum: numbers.reduce((sum, value) => sum + value, 0),
      n: numbers.length,
      last: numbers.at(-1) ?? 0,
    };
  });
}

/** Every resolution must tell the same as the samples, in whatever order they came and whoever wrote them. */
export function checkRandomHistories(numRuns: number): void {
  fc.assert(
    fc.property(History, (batches) => {
      const folder = tempDir('flotilla-history-');
      const path = join(folder.path, 'metrics.sqlite');
      let file = new MetricsFile(path);
      const written: Written[] = [];
      try {
        for (const { samples, restart } of batches) {
          const batch = samples.map(({ second, values }) => ({ at: START + second * 1_000, values }));
          written.push(...batch);
          file.append(
            batch.map(({ at, values }) => ({
              host: 'web1',
              at,
              values: Object.entries(values).map(([name, value]) => ({ name, value })),
            })),
          );
          if (!restart) continue;
          file.close();
          file = new MetricsFile(path);
        }
        for (const name of ['a', 'b', 'c'])
          for (const stepMs of [1_000, 60_000, 300_000, 3_600_000]) {
            const query = { name, from: START, to: START + SPAN_S * 1_000, stepMs };
            const buckets = file.buckets(query, START + SPAN_S * 1_000)[0]?.buckets ?? [];
            expect(buckets).toEqual(expected(written, name, stepMs));
          }
      } finally {
        file.close();
        folder.remove();
      }
    }),
    { numRuns },
  );
}
