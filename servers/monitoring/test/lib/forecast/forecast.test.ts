import { describe, expect, test } from 'vitest';
import { acuteHours, DAY_MS, forecast, type Usage } from '../../../src/lib/forecast/forecast.ts';
import { mad, median, theilSen } from '../../../src/lib/forecast/statistics.ts';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 4, 20, 12);

/** Hourly values of the last days; `used` gets the age in days, negative. */
const hours = (days: number, used: (day: number) => number, capacity = 100): Usage[] =>
  Array.from({ length: days * 24 }, (_, index) => {
    const at = NOW - (days * 24 - 1 - index) * HOUR;
    return { at, capacity, used: used((at - NOW) / DAY_MS) };
  });

/** The last 15 minutes, a sample each 15 s; `used` gets the age in hours, negative. */
const minutes = (used: (hour: number) => number, capacity = 100): Usage[] =>
  Array.from({ length: 60 }, (_, index) => {
    const at = NOW - (59 - index) * 15_000;
    return { at, capacity, used: used((at - NOW) / HOUR) };
  });

const hourOfDay = (day: number): number => (((day * 24) % 24) + 24 + 12) % 24;

/** Grows by 1 a day; logs of the day are rotated away at midnight; a dump took 20 for two hours, four days ago. */
const realistic = (day: number): number => {
  const sawtooth = hourOfDay(day) * 0.2;
  const dump = day > -4.1 && day < -4.0 ? 20 : 0;
  return 73 + day - 4.8 + sawtooth + dump;
};

describe('the trend', () => {
  test('a steady growth of 1 a day with rotation and a dump is full in some 27 days', () => {
    const found = forecast(
      hours(10, realistic),
      minutes(() => 70.6),
      NOW,
    );
    expect(found?.state).toBe('filling');
    expect(found?.perDay?.value).toBeGreaterThan(0.9);
    expect(found?.perDay?.value).toBeLessThan(1.1);
    expect(found?.fullIn?.days).toBeGreaterThan(24);
    expect(found?.fullIn?.days).toBeLessThan(30);
    expect(found?.fullIn?.earliest).toBeLessThanOrEqual(found?.fullIn?.days ?? 0);
    expect(found?.fullIn?.latest).toBeGreaterThanOrEqual(found?.fullIn?.days ?? 0);
    expect(found?.confidence).toBe('normal');
  });

  test('during the dump the trend stays as it is', () => {
    const during = (day: number): number => realistic(day) + (day > -0.08 ? 20 : 0);
    const found = forecast(hours(10, during), [], NOW);
    expect(found?.fullIn?.days).toBeGreaterThan(20);
  });

  test('below three days there is not enough data, and no date', () => {
    const found = forecast(
      hours(2, (day) => 90 + day),
      [],
      NOW,
    );
    expect(found).toMatchObject({ state: 'unknown' });
    expect(found?.perDay).toBeUndefined();
    expect(found?.fullIn).toBeUndefined();
  });

  test('three or four days give a forecast that is called uncertain', () => {
    expect(
      forecast(
        hours(4, (day) => 90 + day),
        [],
        NOW,
      )?.confidence,
    ).toBe('low');
  });

  test('what does not grow is stable, what shrinks shrinks, and neither has a date', () => {
    const noise = (day: number): number => 50 + Math.sin(day * 17) * 2;
    expect(forecast(hours(14, noise), [], NOW)).toMatchObject({ state: 'stable' });
    expect(forecast(hours(14, noise), [], NOW)?.fullIn?.latest).toBeUndefined();
    const shrinking = forecast(
      hours(14, (day) => 50 - day),
      [],
      NOW,
    );
    expect(shrinking?.state).toBe('shrinking');
    expect(shrinking?.fullIn).toBeUndefined();
  });

  test('growth before the disk was enlarged does not count', () => {
    const resized = hours(12, (day) => (day < -6 ? 95 : 96 + day)).map((one) =>
      one.at < NOW - 6 * DAY_MS ? one : { ...one, capacity: 200 },
    );
    const found = forecast(resized, [], NOW);
    expect(found?.capacity).toBe(200);
    expect(found?.days).toBeLessThanOrEqual(7);
    expect(found?.fullIn?.days).toBeGreaterThan(90);
  });

  test('days with few samples do not count', () => {
    const sparse = hours(10, (day) => 50 + day).filter(({ at }) => Math.floor(at / HOUR) % 24 < 3);
    expect(forecast(sparse, [], NOW)?.state).toBe('unknown');
  });

  test('what is full is full, and nothing is said of nothing', () => {
    expect(
      forecast(
        hours(5, () => 100),
        [],
        NOW,
      )?.state,
    ).toBe('full');
    expect(forecast([], [], NOW)).toBeUndefined();
    expect(
      forecast(
        hours(5, () => 1, 0),
        [],
        NOW,
      ),
    ).toBeUndefined();
  });
});

describe('the speed of the last 15 minutes', () => {
  test('a fast, steady growth is acute, beside a trend that stays', () => {
    const found = forecast(
      hours(10, realistic),
      minutes((hour) => 80 + hour * 10),
      NOW,
    );
    expect(found?.state).toBe('acute');
    expect(found?.acuteHours).toBeCloseTo(2, 1);
    expect(found?.fullIn?.days).toBeGreaterThan(24);
  });

  test('a slow growth is not, nor one jump, nor noise, nor too few samples', () => {
    expect(
      acuteHours(
        minutes((hour) => 50 + hour),
        NOW,
      ),
    ).toBeUndefined();
    expect(
      acuteHours(
        minutes((hour) => (hour > -0.02 ? 90 : 50)),
        NOW,
      ),
    ).toBeUndefined();
    expect(
      acuteHours(
        minutes((hour) => 50 + 5 * Math.sin(hour * 1e4)),
        NOW,
      ),
    ).toBeUndefined();
    expect(acuteHours(minutes((hour) => 80 + hour * 10).slice(-3), NOW)).toBeUndefined();
    expect(
      acuteHours(
        minutes((hour) => 80 - hour * 10),
        NOW,
      ),
    ).toBeUndefined();
  });
});

describe('statistics', () => {
  test('a quarter of outliers does not move the slope', () => {
    const points = Array.from({ length: 20 }, (_, x): [number, number] => [x, x % 5 === 0 ? 500 : 3 * x + 7]);
    const trend = theilSen(points);
    expect(trend?.slope).toBeCloseTo(3, 0);
    expect(trend?.low).toBeLessThanOrEqual(trend?.slope ?? 0);
    expect(trend?.high).toBeGreaterThanOrEqual(trend?.slope ?? 0);
  });

  test('an exact line has an exact slope and intercept', () => {
    const trend = theilSen([1, 2, 3, 4, 5].map((x): [number, number] => [x, 2 * x + 1]));
    expect(trend).toEqual({ slope: 2, intercept: 1, low: 2, high: 2 });
    expect(
      theilSen([
        [1, 1],
        [2, 2],
      ]),
    ).toBeUndefined();
    expect(
      theilSen([
        [1, 1],
        [1, 2],
        [1, 3],
      ]),
    ).toBeUndefined();
  });

  test('median and deviation', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(mad([1, 1, 2, 2, 4, 6, 9])).toBeCloseTo(1.4826);
  });
});
