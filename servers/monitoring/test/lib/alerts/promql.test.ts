import { describe, expect, test } from 'vitest';
import { formatPromDuration, parseDuration } from '../../../src/lib/alerts/promql/duration.ts';
import { evaluate } from '../../../src/lib/alerts/promql/evaluate.ts';
import { parsePromql } from '../../../src/lib/alerts/promql/parse.ts';
import { type Element, matches, type SeriesSource } from '../../../src/lib/alerts/promql/source.ts';

const AT = 1_700_000_000_000;

/** Series in memory: one point a minute for an hour, by a function of the minutes before `AT`. */
const series: { name: string; labels: Record<string, string>; value: (minutesBefore: number) => number }[] = [
  { name: 'up', labels: { instance: 'a' }, value: () => 1 },
  { name: 'up', labels: { instance: 'b' }, value: () => 0 },
  { name: 'avail', labels: { instance: 'a', mountpoint: '/' }, value: (ago) => 10 + ago },
  { name: 'avail', labels: { instance: 'a', mountpoint: '/srv' }, value: () => 50 },
  { name: 'avail', labels: { instance: 'b', mountpoint: '/' }, value: () => 90 },
  { name: 'size', labels: { instance: 'a', mountpoint: '/' }, value: () => 100 },
  { name: 'size', labels: { instance: 'a', mountpoint: '/srv' }, value: () => 100 },
  { name: 'size', labels: { instance: 'b', mountpoint: '/' }, value: () => 200 },
  { name: 'requests_total', labels: { instance: 'a' }, value: (ago) => (ago < 5 ? 4 : 2) },
  { name: 'starts', labels: { instance: 'a', name: 'shop' }, value: (ago) => 100 - Math.floor(ago / 2) },
];
const source: SeriesSource = {
  instant: async ({ name, matchers, offsetMs }) =>
    find(name, matchers).map(({ labels, value }) => ({ labels, value: value(offsetMs / 60_000) })),
  range: async ({ name, matchers, offsetMs }, rangeMs) =>
    find(name, matchers).map(({ labels, value }) => ({
      labels,
      points: Array.from({ length: Math.round(rangeMs / 60_000) }, (_, index) => {
        const ago = Math.round(rangeMs / 60_000) - 1 - index + offsetMs / 60_000;
        return [AT - ago * 60_000, value(ago)] as const;
      }),
    })),
};
const find = (
  name: string,
  matchers: readonly { label: string; op: '=' | '!=' | '=~' | '!~'; value: string }[],
) =>
  series.filter((one) => one.name === name && matchers.every((m) => matches(m, one.labels[m.label] ?? '')));

const run = (text: string): Promise<Element[]> => evaluate(parsePromql(text), source, AT);
const values = async (text: string): Promise<Record<string, number>> =>
  Object.fromEntries(
    (await run(text)).map(({ labels, value }) => [
      Object.values(labels).join(' '),
      Math.round(value * 1000) / 1000,
    ]),
  );

describe('expressions', () => {
  test.each<[string, Record<string, number>]>([
    ['up == 0', { b: 0 }],
    ['up{instance="a"} == 1', { a: 1 }],
    ['up{instance!~"a|c"}', { b: 0 }],
    ['100 * avail / size < 45', { 'a /': 10 }],
    ['100 * avail / size <= 45', { 'a /': 10, 'b /': 45 }],
    ['avail{mountpoint=~"/s.*"} > 1', { 'a /srv': 50 }],
    ['min by (instance) (avail) < 20', { a: 10 }],
    ['sum without (mountpoint) (avail)', { a: 60, b: 90 }],
    ['count(up) > 1', { '': 2 }],
    ['avg(avail) > 0', { '': 50 }],
    ['max(avail) by (mountpoint)', { '/': 90, '/srv': 50 }],
    ['rate(requests_total[10m])', { a: 3 }],
    ['increase(requests_total[10m])', { a: 1800 }],
    ['delta(avail{mountpoint="/"}[10m]) < 0', { 'a /': -9 }],
    ['deriv(avail{instance="a", mountpoint="/"}[30m]) * 60', { 'a /': -1 }],
    ['predict_linear(avail{mountpoint="/"}[30m], 3600) < 0', { 'a /': -50 }],
    ['predict_linear(avail{mountpoint="/"}[30m], 10 * 60) < 1', { 'a /': 0 }],
    ['changes(starts[10m]) >= 3', { 'a shop': 4 }],
    ['max_over_time(avail[5m]) < 20', { 'a /': 14 }],
    ['avail{mountpoint="/"} offset 10m < 30', { 'a /': 20 }],
    ['absent(up{instance="c", job=~"x"})', { c: 1 }],
    ['absent(up{instance="a"})', {}],
    ['avail < 20 and on (instance) up == 1', { 'a /': 10 }],
    ['up unless on (instance) avail{instance="a"}', { b: 0 }],
    ['up == 0 or avail > 80', { b: 0, 'b /': 90 }],
    ['avail * on (instance) group_left up', { 'a /': 10, 'a /srv': 50, 'b /': 0 }],
    ['up > bool 0', { a: 1, b: 0 }],
    ['-up < 0', { a: -1 }],
    ['(avail + 5) * 2 ^ 2 % 7 > 3', { 'a /': 4 }],
    ['time() - 1700000000 + up', { a: 1, b: 0 }],
    ['floor(avail / 7) == 1', { 'a /': 1 }],
    ['up / 0 > 1', { a: Number.POSITIVE_INFINITY }],
    ['avail{mountpoint="/"} > 1e1', { 'b /': 90 }],
    ['1 < up', {}],
    ['0 < up', { a: 1 }],
  ])('%s', async (text, expected) => {
    const found = await values(text);
    expect(found).toEqual(expected);
  });

  test('an operator between series that match several times is refused, not guessed', async () => {
    await expect(run('avail * on (instance) size')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(run('avail * on (instance) up')).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('what is refused, with the place and what is supported', () => {
  test.each([
    ['', 'characters'],
    ['up ==', 'no PromQL'],
    ['up == 0)', 'no PromQL'],
    ['up{instance="a"', 'no PromQL'],
    ['5', 'instant vector'],
    ['1 + 1', 'instant vector'],
    ['1 == 1', 'bool'],
    ['up[5m]', 'instant vector'],
    ['rate(avail[5m])', 'counter'],
    ['rate(requests_total)', 'range'],
    ['avg_over_time(up)', 'range'],
    ['sum(up[5m])', 'instant vector'],
    ['up and 1', 'between instant vectors'],
    ['up + bool up', 'comparisons only'],
    ['topk(3, up)', 'topk'],
    ['histogram_quantile(0.9, up)', 'histogram_quantile'],
    ['max_over_time(up[5m:1m])', 'not supported'],
    ['up @ 1700000000', 'not supported'],
    ['{instance="a"}', 'metric name'],
    ['{__name__=~"u.*"}', 'metric name'],
    ['up > 1h', 'duration'],
    ['up{instance=~"(a)\\\\1"}', 'regular expression'],
    ['up{instance=~"(?=a)"}', 'regular expression'],
    ['up[200d]', '90 days'],
    ['label_replace(up, "a", "b", "c", "d")', 'label_replace'],
    [`${'('.repeat(80)}up${')'.repeat(80)}`, 'levels'],
    ['x'.repeat(5000), 'characters'],
  ])('%s', (text, words) => {
    let failure: { code?: string; message?: string } = {};
    try {
      parsePromql(text);
    } catch (error) {
      failure = error as typeof failure;
    }
    expect(failure.code).toBe('INVALID_INPUT');
    expect(failure.message).toContain(words);
  });
});

test('durations are those of Prometheus', () => {
  expect(['30s', '5m', '1h30m', '7d', '1w', '0', '250ms'].map(parseDuration)).toEqual([
    30_000, 300_000, 5_400_000, 604_800_000, 604_800_000, 0, 250,
  ]);
  for (const text of ['5', '5 m', '1m1h', '-5m', '1.5h', 'm', ''])
    expect(() => parseDuration(text)).toThrow();
  expect([0, 90_000, 5_400_000].map(formatPromDuration)).toEqual(['0s', '1m30s', '1h30m']);
});
