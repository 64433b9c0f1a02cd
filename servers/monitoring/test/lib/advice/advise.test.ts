import type { Bucket } from '@flotilla/metrics';
import { expect, test } from 'vitest';
import { advise, type ContainerHistory } from '../../../src/lib/advice/advise.ts';

const MIB = 1024 ** 2;
const hours = (count: number, value: (hour: number) => number): Bucket[] =>
  Array.from({ length: count }, (_, hour) => {
    const one = value(hour);
    return { at: hour * 3_600_000, min: one, max: one, sum: one * 240, n: 240, last: one };
  });

const history = (part: Partial<ContainerHistory> = {}): ContainerHistory => ({
  cpu: hours(100, (hour) => 0.2 + (hour % 10) / 100),
  memory: hours(100, (hour) => (180 + (hour % 20)) * MIB),
  memoryLimitBytes: 320 * MIB,
  cpuLimit: 1,
  throttled: 0,
  oomKills: 0,
  ...part,
});

test('a container within its limits fits, with room above its peak', () => {
  const advice = advise(history());
  expect(advice?.verdict).toBe('fits');
  expect(advice?.advised?.memoryRequestBytes).toBe(208 * MIB);
  expect(advice?.advised?.memoryLimitBytes).toBe(256 * MIB);
  expect(advice?.advised?.cpuRequest).toBeCloseTo(0.25);
  expect(advice?.advised?.cpuLimit).toBeGreaterThanOrEqual(0.29 * 1.4);
});

test.each([
  ['out of memory', { oomKills: 3 }],
  ['memory limit tight', { memoryLimitBytes: 210 * MIB }],
  ['throttled', { throttled: 0.2 }],
  ['no limits', { memoryLimitBytes: undefined, cpuLimit: undefined }],
  ['no limits', { cpuLimit: undefined }],
  ['oversized', { memoryLimitBytes: 4096 * MIB }],
] as const)('%s: %j', (verdict, part) => {
  expect(advise(history(part))?.verdict).toBe(verdict);
});

test('one that was killed for memory is advised more than its limit', () => {
  const advice = advise(history({ oomKills: 1, memoryLimitBytes: 200 * MIB }));
  expect(advice?.advised?.memoryLimitBytes).toBeGreaterThan(250 * MIB);
});

test('below a day of history there is no advice', () => {
  const advice = advise(history({ cpu: hours(5, () => 1), memory: hours(5, () => MIB) }));
  expect(advice).toMatchObject({ verdict: 'unknown', hours: 5 });
  expect(advice?.advised).toBeUndefined();
  expect(advise(history({ cpu: [] }))).toBeUndefined();
});

test('a peak counts even when the hours on the average are low', () => {
  const spike = hours(100, () => 0.1).map((one, hour) => (hour === 50 ? { ...one, max: 2 } : one));
  expect(advise(history({ cpu: spike }))?.advised?.cpuLimit).toBeGreaterThanOrEqual(2);
});
