import { describe, expect, test } from 'vitest';
import { checkedCron, cronTimes } from '../../src/when/cron.ts';
import { nextTimes, passed } from '../../src/when/fire-times.ts';
import { inZone } from '../../src/when/zone.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const next = (cron: string, zone: string, from: string, count: number): string[] =>
  nextTimes(cronTimes(cron, zone), Date.parse(from), count).map((ms) => inZone(ms, zone));

describe('daylight saving time begins: a time that does not exist comes once, after the gap', () => {
  test.each([
    ['Europe/Paris', '30 2 * * *', '2026-03-28T00:00:00Z', '2026-03-29 03:00:00 UTC+2'],
    ['America/New_York', '30 2 * * *', '2026-03-07T05:00:00Z', '2026-03-08 03:00:00 UTC-4'],
    ['Australia/Lord_Howe', '15 2 * * *', '2026-10-02T14:00:00Z', '2026-10-04 02:30:00 UTC+11'],
  ])('%s %s', (zone, cron, from, after) => {
    const [before, gap, following] = next(cron, zone, from, 3);
    expect(gap).toBe(after);
    expect(before?.slice(11, 16)).toBe(following?.slice(11, 16));
  });

  test('two times in the gap come once together; a time behind the gap is not doubled', () => {
    expect(next('0,30 2 * * *', 'Europe/Paris', '2026-03-28T12:00:00Z', 2)).toEqual([
      '2026-03-29 03:00:00 UTC+2',
      '2026-03-30 02:00:00 UTC+2',
    ]);
    expect(next('0 2,3 * * *', 'Europe/Paris', '2026-03-28T12:00:00Z', 2)).toEqual([
      '2026-03-29 03:00:00 UTC+2',
      '2026-03-30 02:00:00 UTC+2',
    ]);
  });

  test('every 20 minutes goes on through real time', () => {
    expect(next('*/20 * * * *', 'Europe/Paris', '2026-03-29T00:30:00Z', 3)).toEqual([
      '2026-03-29 01:40:00 UTC+1',
      '2026-03-29 03:00:00 UTC+2',
      '2026-03-29 03:20:00 UTC+2',
    ]);
  });
});

describe('daylight saving time ends: a time that occurs twice comes once, the first time', () => {
  test.each([
    [
      'Europe/Paris',
      '30 2 * * *',
      '2026-10-24T22:00:00Z',
      '2026-10-25 02:30:00 UTC+2',
      '2026-10-26 02:30:00 UTC+1',
    ],
    [
      'America/New_York',
      '30 1 * * *',
      '2026-11-01T04:00:00Z',
      '2026-11-01 01:30:00 UTC-4',
      '2026-11-02 01:30:00 UTC-5',
    ],
    [
      'Australia/Lord_Howe',
      '45 1 * * *',
      '2026-04-04T13:00:00Z',
      '2026-04-05 01:45:00 UTC+11',
      '2026-04-06 01:45:00 UTC+10:30',
    ],
  ])('%s %s', (zone, cron, from, first, second) => {
    expect(next(cron, zone, from, 2)).toEqual([first, second]);
  });

  test('every hour comes in both passes', () => {
    expect(next('30 * * * *', 'Europe/Paris', '2026-10-24T23:45:00Z', 3)).toEqual([
      '2026-10-25 02:30:00 UTC+2',
      '2026-10-25 02:30:00 UTC+1',
      '2026-10-25 03:30:00 UTC+1',
    ]);
  });
});

test.each([
  'Europe/Paris',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Santiago',
  'Africa/Cairo',
  'UTC',
])('%s: looking back finds what looking ahead found, over a year with both changes', (zone) => {
  for (const cron of ['30 2 * * *', '15 */3 * * *', '0 0 * * SUN', '45 1 1,15 * *']) {
    const times = cronTimes(cron, zone);
    const ahead = nextTimes(times, NOW, 400);
    const until = ahead.at(-1) as number;
    expect(times.latest(400, until)).toEqual(ahead);
    expect(new Set(ahead).size).toBe(400);
  }
});

test('names of months, days and whole schedules', () => {
  expect(next('0 9 * JAN MON-FRI', 'UTC', '2026-01-02T12:00:00Z', 1)).toEqual(['2026-01-05 09:00:00 UTC']);
  expect(next('@weekly', 'UTC', '2026-01-02T12:00:00Z', 1)).toEqual(['2026-01-04 00:00:00 UTC']);
  expect(next('0 0 L * *', 'UTC', '2026-02-02T12:00:00Z', 1)).toEqual(['2026-02-28 00:00:00 UTC']);
});

test.each([
  ['61 * * * *', /minute/],
  ['* * * *', /five fields/],
  ['* * * * * *', /five fields/],
  ['@reboot', /@hourly/],
  ['@nightly', /@hourly/],
  ['0 0 31 2 *', /never comes/],
  ['a b c d e', /cannot be read/],
  ['0 0 * * MON#6', /cannot be read/],
  ['2026-01-01T00:00:00', /five fields/],
  ['*/0 * * * *', /cannot be read/],
  ['5/5 * * * *', /cannot be read/],
  ['1'.repeat(201), /longer/],
])('%j is no cron expression', (cron, said) => {
  expect(() => checkedCron(cron, 'Europe/Paris', NOW)).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringMatching(said) }),
  );
});

test('blanks are made one', () => {
  expect(checkedCron('  30  3 *\t* * ', 'UTC', NOW)).toBe('30 3 * * *');
});

test('of many times that have passed, the last are found at once', () => {
  const times = cronTimes('* * * * *', 'UTC');
  const year = 365 * 86_400_000;
  const found = passed(times, NOW, NOW + year, 100);
  expect(found.more).toBe(true);
  expect(found.times).toHaveLength(100);
  expect(found.times.at(-1)).toBe(NOW + year);
  expect(passed(times, NOW, NOW + 120_000)).toEqual({ times: [NOW + 60_000, NOW + 120_000], more: false });
  expect(passed(times, NOW + 120_000, NOW)).toEqual({ times: [], more: false });
});
