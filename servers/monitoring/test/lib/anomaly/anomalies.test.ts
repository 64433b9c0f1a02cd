import type { Bucket } from '@flotilla/metrics';
import { expect, test } from 'vitest';
import { anomalies, events, HOUR_MS } from '../../../src/lib/anomaly/anomalies.ts';

const SINCE = Date.UTC(2026, 4, 20);
const SENSITIVITY = { threshold: 3.5, material: 10 };

/** Hours of the weeks before SINCE and one day after it; `value` gets hours since SINCE. */
const history = (weeks: number, value: (hour: number) => number): Bucket[] =>
  Array.from({ length: weeks * 168 + 24 }, (_, index) => {
    const hour = index - weeks * 168;
    const measured = value(hour);
    return {
      at: SINCE + hour * HOUR_MS,
      min: measured,
      max: measured,
      sum: measured * 4,
      n: 4,
      last: measured,
    };
  });

/** Busy by day, a backup every Sunday at 3, a little noise. */
const rhythm = (hour: number): number => {
  const date = new Date(SINCE + hour * HOUR_MS);
  const day = date.getUTCHours() >= 8 && date.getUTCHours() < 18 ? 40 : 10;
  const backup = date.getUTCDay() === 0 && date.getUTCHours() === 3 ? 45 : 0;
  return day + backup + Math.sin(hour * 7) * 2;
};

test('the rhythm of the week is usual', () => {
  expect(anomalies(history(4, rhythm), SINCE, SENSITIVITY).anomalies).toEqual([]);
});

test('what is usual at noon is not at night', () => {
  const found = anomalies(
    history(4, (hour) => (hour === 2 ? 60 : rhythm(hour))),
    SINCE,
    SENSITIVITY,
  ).anomalies;
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ at: SINCE + 2 * HOUR_MS, value: 60 });
  expect(found[0]?.usual).toBeGreaterThan(5);
  expect(found[0]?.usual).toBeLessThan(15);
  expect(found[0]?.score).toBeGreaterThan(3.5);
});

test('too little is unusual as well', () => {
  const found = anomalies(
    history(4, (hour) => (hour === 12 ? 0 : rhythm(hour))),
    SINCE,
    SENSITIVITY,
  ).anomalies;
  expect(found[0]?.score).toBeLessThan(-3.5);
});

test('one bad day in the history does not hide the next one', () => {
  const bad = (hour: number): number => (hour === 2 || hour === 2 - 168 ? 90 : rhythm(hour));
  expect(anomalies(history(4, bad), SINCE, SENSITIVITY).anomalies.map(({ value }) => value)).toEqual([90]);
});

test('below two weeks nothing is judged', () => {
  const judged = anomalies(
    history(1, (hour) => (hour >= 0 ? 99 : 10)),
    SINCE,
    SENSITIVITY,
  );
  expect(judged).toEqual({ anomalies: [], weeks: 1 });
  expect(anomalies([], SINCE, SENSITIVITY)).toEqual({ anomalies: [], weeks: 0 });
});

test('a series that never moves makes no anomaly of a ripple', () => {
  expect(
    anomalies(
      history(4, (hour) => (hour === 5 ? 9 : 1)),
      SINCE,
      SENSITIVITY,
    ).anomalies,
  ).toEqual([]);
});

test('hours in a row are one event, told by the worst; a rise and a fall are two', () => {
  const at = (hour: number, score: number) => ({ at: hour * HOUR_MS, value: score, usual: 0, score });
  expect(events([at(1, 4), at(2, 9), at(3, 5), at(4, -6), at(9, 4)])).toMatchObject([
    { from: HOUR_MS, until: 3 * HOUR_MS, score: 9 },
    { from: 4 * HOUR_MS, score: -6 },
    { from: 9 * HOUR_MS, score: 4 },
  ]);
});
