import { expect, test } from 'vitest';
import { FIVE_MINUTES, HOURLY, parseTable, RAW, TIERS, tableOf, tierFor } from '../../src/file/tiers.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 5, 1);
const tier = (days: number, stepMs?: number) => tierFor(NOW - days * DAY, NOW, stepMs, NOW).name;

test('the step decides the resolution', () => {
  expect(tier(1, 15_000)).toBe('raw');
  expect(tier(1, 5 * 60_000)).toBe('5m');
  expect(tier(1, HOUR)).toBe('1h');
});

test('what is no longer kept finely comes coarser', () => {
  expect(tier(3, 15_000)).toBe('5m');
  expect(tier(60, 15_000)).toBe('1h');
  expect(tier(1_000, 15_000)).toBe('1h');
});

test('without a step an answer has some 1,500 points at most', () => {
  expect(tier(0.1)).toBe('raw');
  expect(tier(1)).toBe('raw');
  expect(tier(6)).toBe('5m');
  expect(tier(29)).toBe('5m');
  expect(tier(200)).toBe('1h');
});

test('names of tables lead back to what they hold, and nothing else does', () => {
  for (const one of TIERS) expect(parseTable(tableOf(one, 123))).toEqual({ tier: one, slice: 123 });
  for (const name of ['sample_raw_', 'sample_2m_1', 'series', 'sample_raw_1; DROP TABLE host'])
    expect(parseTable(name)).toBeUndefined();
});

test('a slice is a whole number of steps of the next tier', () => {
  expect(RAW.sliceMs % FIVE_MINUTES.stepMs).toBe(0);
  expect(FIVE_MINUTES.sliceMs % HOURLY.stepMs).toBe(0);
});
