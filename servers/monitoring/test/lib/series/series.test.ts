import type { SeriesBuckets } from '@flotilla/metrics';
import { describe, expect, test } from 'vitest';
import { compact, groupSeries } from '../../../src/lib/series/compact.ts';
import { matchersOf } from '../../../src/lib/series/read-series.ts';
import { renderSeries, sparkline } from '../../../src/lib/series/render-series.ts';
import { niceStep, parseDuration, parseRange, parseTime } from '../../../src/lib/series/time-range.ts';
import { formatValue, short, unitOf } from '../../../src/lib/series/units.ts';

const NOW = Date.UTC(2026, 4, 20, 12);
const MINUTE = 60_000;

describe('times', () => {
  test.each([
    ['now', NOW],
    ['-30m', NOW - 30 * MINUTE],
    ['-7d', NOW - 7 * 86_400_000],
    ['2026-05-20T10:00:00Z', NOW - 120 * MINUTE],
    ['2026-05-20T12:00:00+02:00', NOW - 120 * MINUTE],
  ])('%s', (text, expected) => expect(parseTime(text, 'from', NOW)).toBe(expected));

  test.each(['', 'yesterday', '30m', '-30', '-0h', '12:00', '2026-13-45', '99999999999999999999'])(
    'not %j',
    (text) => {
      expect(() => parseTime(text, 'from', NOW)).toThrow(/from is no time/);
    },
  );

  test('a range has a length', () => {
    expect(() => parseRange({ from: 'now', to: 'now' }, NOW)).toThrow(/before/);
    expect(parseRange({ from: '-1h', to: 'now' }, NOW)).toEqual({ from: NOW - 60 * MINUTE, to: NOW });
  });

  test('durations', () => {
    expect(['15s', '5m', '2h', '3d', '1w'].map(parseDuration)).toEqual([
      15e3, 300e3, 7_200e3, 259_200e3, 604_800e3,
    ]);
    expect(['', '5', 'm', '0s', '1y', '-5m'].map(parseDuration)).toEqual(Array(6).fill(undefined));
  });

  test('a step is round and gives at most so many points', () => {
    for (const span of [MINUTE, 6 * 60 * MINUTE, 40 * 86_400_000, 700 * 86_400_000]) {
      const step = niceStep(0, span, 100);
      expect(span / step).toBeLessThanOrEqual(100);
      expect(step % 15_000).toBe(0);
    }
  });
});

test('units follow the conventions of names, and values read as a person would say them', () => {
  const cases: [string, number, string][] = [
    ['cpu_percent', 42.123, '42.1 %'],
    ['node_memory_MemFree_bytes', 3 * 1024 ** 3, '3.0 GiB'],
    ['node_network_receive_bytes_total', 2048, '2.0 KiB/s'],
    ['node_cpu_seconds_total', 1.2345, '1.23 cores'],
    ['node_disk_io_time_seconds_total', 0.25, '25 %'],
    ['node_disk_reads_completed_total', 12.3456, '12.35/s'],
    ['scrape_duration_seconds', 0.0123, '0.0123 s'],
    ['uptime_seconds', 7_260, '2 h 1 min'],
    ['node_load1', 1.5, '1.5'],
  ];
  for (const [name, value, text] of cases) expect(formatValue(value, unitOf(name))).toBe(text);
  expect(formatValue(-1024, 'bytes')).toBe('-1.0 KiB');
});

test('numbers have four digits that count', () => {
  expect([0.123456, 12.3456, 1234.5678, 98_765.4, 0, Number.NaN].map(short)).toEqual([
    0.1235, 12.35, 1235, 98_765, 0, 0,
  ]);
});

const series = (host: string, labels: Record<string, string>, values: (number | null)[]): SeriesBuckets => ({
  host,
  name: 'memory',
  labels,
  tier: '5m',
  buckets: values.flatMap((value, index) =>
    value === null
      ? []
      : [{ at: index * MINUTE, min: value - 1, max: value + 1, sum: value * 2, n: 2, last: value }],
  ),
});
const options = {
  name: 'memory',
  unit: 'bytes',
  how: 'avg' as const,
  frame: { from: 0, to: 10 * MINUTE, stepMs: MINUTE },
};

test('a compact series has its holes, and the extremes of what was measured', () => {
  const [group] = groupSeries([series('web1', { a: '1' }, [5, null, 7])], undefined);
  expect(group && compact(group, options)).toEqual({
    alias: 'web1',
    name: 'memory',
    labels: { a: '1' },
    unit: 'bytes',
    start: '1970-01-01T00:00:00.000Z',
    stepSeconds: 60,
    values: [5, null, 7],
    min: 4,
    avg: 6,
    max: 8,
    last: 7,
  });
  expect(compact({ labels: {}, members: [] }, options)).toBeUndefined();
});

test('series of one label value are added up; those without the label are left out', () => {
  const all = [
    series('web1', { project: 'shop' }, [1, 2]),
    series('web2', { project: 'shop' }, [10, 20]),
    series('web1', { project: 'blog' }, [5, 5]),
    series('web1', {}, [100, 100]),
  ];
  const byProject = groupSeries(all, 'project').map((group) => compact(group, options));
  expect(byProject.map((one) => [one?.labels, one?.values, one?.max])).toEqual([
    [{ project: 'shop' }, [11, 22], 22],
    [{ project: 'blog' }, [5, 5], 6],
  ]);
  const byHost = groupSeries(all, 'host').map((group) => compact(group, options));
  expect(byHost.map((one) => [one?.alias, one?.values])).toEqual([
    ['web1', [106, 107]],
    ['web2', [10, 20]],
  ]);
});

test('matchers in the words of the arguments', () => {
  expect(matchersOf({ a: 'x', b: '!x', c: '~x.*', d: '!~x', e: '' })).toEqual([
    { label: 'a', op: '=', value: 'x' },
    { label: 'b', op: '!=', value: 'x' },
    { label: 'c', op: '=~', value: 'x.*' },
    { label: 'd', op: '!~', value: 'x' },
    { label: 'e', op: '=', value: '' },
  ]);
  expect(() => matchersOf({ a: '~[' })).toThrow(/label a/);
});

test('a shape in a line of text shows where nothing was measured', () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe('▁▂▃▄▅▆▇█');
  expect(sparkline([1, null, 8])).toBe('▁ █');
  expect(sparkline([5, 5, 5])).toBe('▁▁▁');
  expect(sparkline(Array(400).fill(1)).length).toBeLessThanOrEqual(40);
  const [group] = groupSeries([series('web1', { a: 'x' }, [2048])], undefined);
  const one = group && compact(group, options);
  expect(one && renderSeries([one])).toContain('web1 memory{a="x"}: last 2.0 KiB');
});
