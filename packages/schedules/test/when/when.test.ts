import { describe, expect, test } from 'vitest';
import { durationText, parseDuration } from '../../src/when/duration.ts';
import { nextTimes } from '../../src/when/fire-times.ts';
import { parseAt } from '../../src/when/once.ts';
import { fireTimes, jitterOf, parseWhen, whenText } from '../../src/when/when.ts';
import { checkedZone, inZone, ownZone } from '../../src/when/zone.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const MINUTE = 60_000;
const invalid = (said: RegExp) =>
  expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringMatching(said) });

describe('durations', () => {
  const limits = { name: 'every', minMs: 10_000, maxMs: 366 * 86_400_000 };
  test.each([
    ['10s', 10_000],
    ['90s', 90_000],
    ['15m', 15 * MINUTE],
    ['1h30m', 90 * MINUTE],
    ['2w', 14 * 1440 * MINUTE],
  ])('%s', (text, ms) => {
    expect(parseDuration(text, limits)).toBe(ms);
    expect(parseDuration(durationText(ms), limits)).toBe(ms);
  });
  test.each(['', '15', '15 m', '1.5h', '-5m', '9s', '367d', '1e9s', `${'9'.repeat(40)}d`, '5m\n'])(
    '%j is none',
    (text) => {
      if (text === '5m\n') expect(parseDuration(text, limits)).toBe(300_000);
      else
        expect(() => parseDuration(text, limits)).toThrow(invalid(/^every must be a duration from 10s to/));
    },
  );
});

describe('zones', () => {
  test('in any case', () => expect(checkedZone('europe/paris')).toBe('Europe/Paris'));
  test('that of the machine is one', () => expect(checkedZone(ownZone())).toBe(ownZone()));
  test.each(['Mars/Base', '+02:00', '', 'Europe/Pariss', '../../etc/passwd', 'UTC; rm', 'x'.repeat(100)])(
    '%j is none',
    (zone) => {
      expect(() => checkedZone(zone)).toThrow(invalid(/zone is not/));
    },
  );
  test('the nearest is named', () => {
    expect(() => checkedZone('Europe/Pariss')).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('Europe/Paris.') }),
    );
  });
});

describe('once', () => {
  test.each([
    ['2026-11-21T03:00:00Z', 'Europe/Paris', '2026-11-21T03:00:00.000Z'],
    ['2026-11-21T03:00+02:00', 'UTC', '2026-11-21T01:00:00.000Z'],
    ['2026-11-21T03:00', 'Europe/Paris', '2026-11-21T02:00:00.000Z'],
    ['2026-03-29T02:30', 'Europe/Paris', '2026-03-29T01:30:00.000Z'],
    ['2026-10-25T02:30', 'Europe/Paris', '2026-10-25T00:30:00.000Z'],
  ])('%s in %s', (text, zone, iso) => {
    const at = parseAt(text, zone, NOW);
    expect(new Date(at).toISOString()).toBe(iso);
    const times = fireTimes({ kind: 'at', at }, zone);
    expect(nextTimes(times, NOW, 5)).toEqual([at]);
    expect(times.latest(5, at)).toEqual([at]);
    expect(times.latest(5, at - 1)).toEqual([]);
    expect(times.after(at)).toBeUndefined();
  });
  test.each([
    'tomorrow',
    '2026-02-31T10:00',
    '2026-11-21',
    '2026-13-01T00:00Z',
    '2026-11-21T25:00',
    '1790000000',
  ])('%j is no time', (text) => {
    expect(() => parseAt(text, 'UTC', NOW)).toThrow(invalid(/ISO 8601/));
  });
  test('not in the past', () => {
    expect(() => parseAt('2025-12-31T23:59:59Z', 'UTC', NOW)).toThrow(invalid(/past/));
  });
});

describe('every', () => {
  test('is counted from when it was made, whatever daylight saving time does', () => {
    const anchor = Date.parse('2026-03-28T12:00:07.123Z');
    const times = fireTimes({ kind: 'every', everyMs: 1440 * MINUTE, anchor }, 'Europe/Paris');
    expect(nextTimes(times, anchor, 2).map((ms) => inZone(ms, 'Europe/Paris'))).toEqual([
      '2026-03-29 14:00:07 UTC+2',
      '2026-03-30 14:00:07 UTC+2',
    ]);
    expect(times.after(anchor - 5)).toBe(anchor + 1440 * MINUTE);
    expect(times.latest(3, anchor + 2 * 1440 * MINUTE)).toEqual([
      anchor + 1440 * MINUTE,
      anchor + 2880 * MINUTE,
    ]);
    expect(times.latest(3, anchor)).toEqual([]);
  });
});

test('one rule at a time', () => {
  expect(parseWhen({}, 'UTC', NOW)).toBeUndefined();
  expect(() => parseWhen({ cron: '@daily', every: '1h' }, 'UTC', NOW)).toThrow(invalid(/exclude/));
  expect(whenText({ kind: 'every', everyMs: 90 * MINUTE, anchor: 0 })).toBe('every 1h30m');
});

test('jitter is one of a schedule, within its bound, and not the same for all', () => {
  const all = Array.from({ length: 200 }, (_, index) => jitterOf(`sch_${index}`, 60_000));
  expect(Math.max(...all)).toBeLessThanOrEqual(60_000);
  expect(new Set(all).size).toBeGreaterThan(190);
  expect(jitterOf('sch_7', 60_000)).toBe(all[7]);
  expect(jitterOf('sch_7', 0)).toBe(0);
});
