import { statSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@flotilla/testkit';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MetricsFile } from '../../src/file/metrics-file.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A full day, so that steps begin where the series does. */
const START = Date.UTC(2026, 0, 5);

let folder: ReturnType<typeof tempDir>;
let path: string;
let file: MetricsFile;
beforeEach(() => {
  folder = tempDir('flotilla-metrics-');
  path = join(folder.path, 'metrics.sqlite');
  file = new MetricsFile(path);
});
afterEach(() => {
  file.close();
  folder.remove();
});

const put = (at: number, value: number, name = 'load', host = 'web1', labels = {}) =>
  file.append([{ host, at, values: [{ name, labels, value }] }]);

/** A sample every 15 s whose value is its number. */
function ramp(samples: number, from = START): number {
  file.append(
    Array.from({ length: samples }, (_, index) => ({
      host: 'web1',
      at: from + index * 15_000,
      values: [{ name: 'load', value: index }],
    })),
  );
  return from + samples * 15_000;
}

const steps = (from: number, to: number, stepMs: number | undefined, now = to) =>
  file.buckets({ name: 'load', from, to, ...(stepMs && { stepMs }) }, now)[0];

test('samples come back as they were, to the last bit', () => {
  put(START, 0.1 + 0.2);
  put(START + 15_000, 2 ** 53 - 1);
  const [series] = file.points({ name: 'load', from: START, to: START + MINUTE }, START + MINUTE);
  expect(series?.points).toEqual([
    [START, 0.1 + 0.2],
    [START + 15_000, 2 ** 53 - 1],
  ]);
  expect(series?.tier).toBe('raw');
});

test('a step of five minutes holds minimum, maximum, sum, count and last value', () => {
  const end = ramp(60);
  const answer = steps(START, end, 5 * MINUTE);
  expect(answer?.tier).toBe('5m');
  expect(answer?.buckets).toEqual([
    { at: START, min: 0, max: 19, sum: 190, n: 20, last: 19 },
    { at: START + 5 * MINUTE, min: 20, max: 39, sum: 590, n: 20, last: 39 },
    { at: START + 10 * MINUTE, min: 40, max: 59, sum: 990, n: 20, last: 59 },
  ]);
});

test('what is not rolled up yet is read from the finer samples', () => {
  const end = ramp(250);
  const hours = steps(START, end, HOUR);
  expect(hours?.tier).toBe('1h');
  expect(hours?.buckets.map(({ at, n, last }) => [at - START, n, last])).toEqual([
    [0, 240, 239],
    [HOUR, 10, 249],
  ]);
});

test('a single sample is seen in every resolution', () => {
  put(START, 7);
  for (const stepMs of [1_000, 5 * MINUTE, HOUR]) {
    expect(steps(START, START + MINUTE, stepMs)?.buckets).toEqual([
      { at: START, min: 7, max: 7, sum: 7, n: 1, last: 7 },
    ]);
  }
});

test('the hour is the sum of its five-minute steps, also when the writer was replaced in its middle', () => {
  ramp(100);
  file.close();
  file = new MetricsFile(path);
  ramp(200, START + 100 * 15_000);
  const [hour] = steps(START, START + HOUR - 1, HOUR, START + 100 * DAY)?.buckets ?? [];
  expect(hour).toMatchObject({ at: START, n: 240, min: 0, max: 139 });
  expect(hour?.sum).toBeCloseTo((99 * 100) / 2 + (139 * 140) / 2, 0);
});

test('a late sample is added to a step that was complete', () => {
  ramp(45);
  put(START + 1_000, 1_000);
  const [first] = steps(START, START + 20 * MINUTE, 5 * MINUTE)?.buckets ?? [];
  expect(first).toMatchObject({ n: 21, max: 1_000 });
});

test('a late sample after the writer was replaced is in the hours too, where nothing else was near', () => {
  put(START, 1);
  put(START + HOUR, 1);
  file.close();
  file = new MetricsFile(path);
  put(START + 5 * MINUTE, 1);
  put(START + 15 * MINUTE, 1);
  const hours = steps(START, START + 2 * HOUR, HOUR)?.buckets;
  expect(hours?.map(({ n }) => n)).toEqual([3, 1]);
});

test('the same sample twice counts once', () => {
  ramp(45);
  ramp(45);
  expect(steps(START, START + HOUR, 5 * MINUTE)?.buckets[0]).toMatchObject({ n: 20, sum: 190 });
});

test('old samples are dropped by slices while their rollups stay', () => {
  ramp(4 * 60 * 24);
  const later = START + 4 * DAY;
  put(later, 1);
  const before = file.size().slices;
  expect(file.prune(later)).toBe(1);
  expect(file.size().slices).toBe(before - 1);
  const raw = file.points({ name: 'load', from: START, to: START + DAY - 1 }, START + DAY);
  expect(raw).toEqual([]);
  const kept = steps(START, START + DAY - 1, 15_000, later);
  expect(kept?.tier).toBe('5m');
  expect(kept?.buckets).toHaveLength(288);
});

test('after a month only the hours are left, after two years nothing', () => {
  ramp(4 * 60 * 3);
  put(START + DAY, 1);
  file.prune(START + 40 * DAY);
  expect(steps(START, START + HOUR - 1, 15_000, START + 40 * DAY)).toMatchObject({ tier: '1h' });
  file.prune(START + 900 * DAY);
  expect(file.size().slices).toBe(0);
});

test('series that come and go keep their values apart', () => {
  const at = (index: number) => START + index * 15_000;
  const disk = (name: string, value: number) => ({ name: 'disk', labels: { mountpoint: name }, value });
  file.append([
    { host: 'web1', at: at(0), values: [disk('/', 1), disk('/a', 2)] },
    { host: 'web1', at: at(1), values: [disk('/', 3)] },
    { host: 'web1', at: at(2), values: [disk('/b', 5), disk('/', 4)] },
    { host: 'db1', at: at(2), values: [disk('/', 9)] },
    { host: 'web1', at: at(21), values: [disk('/', 1)] },
  ]);
  const found = file.buckets({ name: 'disk', from: START, to: at(21), stepMs: 5 * MINUTE }, at(21));
  expect(found.map(({ host, labels, buckets }) => [host, labels['mountpoint'], buckets[0]?.sum])).toEqual([
    ['db1', '/', 9],
    ['web1', '/', 8],
    ['web1', '/a', 2],
    ['web1', '/b', 5],
  ]);
});

test('labels are matched as in Prometheus, regular expressions from end to end', () => {
  for (const device of ['vda', 'vdb', 'nvme0n1']) put(START, 1, 'io', 'web1', { device });
  const names = (op: '=' | '!=' | '=~' | '!~', value: string) =>
    file
      .instant({ name: 'io', at: START, matchers: [{ label: 'device', op, value }] })
      .map(({ labels }) => labels['device']);
  expect(names('=', 'vda')).toEqual(['vda']);
  expect(names('!=', 'vda')).toEqual(['nvme0n1', 'vdb']);
  expect(names('=~', 'vd.')).toEqual(['vda', 'vdb']);
  expect(names('=~', 'v')).toEqual([]);
  expect(names('!~', 'vd.')).toEqual(['nvme0n1']);
  expect(
    file.instant({ name: 'io', at: START, matchers: [{ label: 'absent', op: '=', value: '' }] }),
  ).toHaveLength(3);
});

test('a value is current for the lookback and no longer', () => {
  put(START, 7);
  expect(file.instant({ name: 'load', at: START + 4 * MINUTE })[0]).toMatchObject({ value: 7, at: START });
  expect(file.instant({ name: 'load', at: START + 6 * MINUTE })).toEqual([]);
  expect(file.instant({ name: 'load', at: START + 6 * MINUTE, lookbackMs: HOUR })).toHaveLength(1);
});

test('a missed sample is no zero: up falls, the rest has no value, and the reason is kept', () => {
  put(START, 5);
  file.miss([{ host: 'web1', at: START + 15_000, reason: 'timeout', detail: 'no answer in 10 s' }]);
  file.miss([{ host: 'web1', at: START + 30_000, reason: 'timeout', detail: 'no answer in 10 s' }]);
  file.miss([{ host: 'web1', at: START + 45_000, reason: 'auth', detail: 'key refused' }]);
  const read = (name: string) => file.points({ name, from: START, to: START + MINUTE }, START + MINUTE)[0];
  expect(read('load')?.points).toEqual([[START, 5]]);
  expect(read('up')?.points.map(([, value]) => value)).toEqual([0, 0, 0]);
  expect(file.gaps({ from: START, to: START + MINUTE })).toEqual([
    {
      host: 'web1',
      from: START + 45_000,
      until: START + 45_000,
      count: 1,
      reason: 'auth',
      detail: 'key refused',
    },
    {
      host: 'web1',
      from: START + 15_000,
      until: START + 30_000,
      count: 2,
      reason: 'timeout',
      detail: 'no answer in 10 s',
    },
  ]);
});

test('a gap ends with the next sample, also when the host is lost again at once', () => {
  const miss = (at: number) => file.miss([{ host: 'web1', at, reason: 'net', detail: '' }]);
  miss(START);
  file.append([{ host: 'web1', at: START + 15_000, values: [], reading: '{}' }]);
  miss(START + 30_000);
  expect(file.gaps({ from: START, to: START + MINUTE }).map(({ count }) => count)).toEqual([1, 1]);
});

test('values that are no numbers are not kept', () => {
  file.append([
    {
      host: 'web1',
      at: START,
      values: [
        { name: 'load', value: Number.NaN },
        { name: 'load', labels: { a: '1' }, value: Number.POSITIVE_INFINITY },
        { name: 'up', value: 1 },
      ],
    },
  ]);
  expect(file.series()).toEqual([{ host: 'web1', name: 'up', labels: {} }]);
});

test('the newest reading of a host stays when an older one comes late', () => {
  file.append([{ host: 'web1', at: START + 30_000, values: [], reading: 'new' }]);
  file.append([{ host: 'web1', at: START, values: [], reading: 'old' }]);
  expect(file.latest(['web1'])).toEqual([{ host: 'web1', at: START + 30_000, reading: 'new' }]);
  expect(file.latest(['other'])).toEqual([]);
});

test('the file is for its owner alone and small', () => {
  ramp(4 * 60 * 24);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(file.size().bytes).toBeLessThan(2 * 1024 * 1024);
});

test('a batch that fails leaves nothing behind, and the next one is kept', () => {
  const value = { name: 'load', value: 1 };
  const broken = { host: 'web1', at: START, values: [{ ...value, labels: { a: 1n as never } }] };
  expect(() => file.append([{ host: 'new', at: START, values: [value] }, broken])).toThrow();
  expect(file.series()).toEqual([]);
  put(START, 2);
  expect(steps(START, START + MINUTE, undefined)?.buckets).toMatchObject([{ n: 1, last: 2 }]);
  expect(file.series().map(({ host }) => host)).toEqual(['web1']);
});

test('a file of a newer version is not touched', () => {
  const other = join(folder.path, 'newer.sqlite');
  const db = new Database(other);
  db.pragma('user_version = 99');
  db.close();
  expect(() => new MetricsFile(other)).toThrow(expect.objectContaining({ code: 'NEWER' }));
});

test('a pattern that is none is refused before anything is read', () => {
  put(START, 1);
  const wrong = [{ label: 'a', op: '=~' as const, value: '(' }];
  expect(() => file.instant({ name: 'load', at: START, matchers: wrong })).toThrow(
    expect.objectContaining({ code: 'BAD_PATTERN' }),
  );
});

test('a step is told as any of its aggregates, of one host or all', () => {
  for (const [at, value] of [5, 1, 9, 3].entries()) put(START + at * 15_000, value);
  put(START, 100, 'load', 'web2');
  const query = { name: 'load', hosts: ['web1'], from: START, to: START + MINUTE, stepMs: MINUTE };
  const told = (aggregate: 'avg' | 'min' | 'max' | 'sum' | 'count' | 'last') =>
    file.points({ ...query, aggregate }, START + MINUTE)[0]?.points[0]?.[1];
  expect([told('avg'), told('min'), told('max'), told('sum'), told('count'), told('last')]).toEqual([
    4.5, 1, 9, 18, 4, 3,
  ]);
  expect(file.series(['web2'])).toEqual([{ host: 'web2', name: 'load', labels: {} }]);
  expect(file.series()).toHaveLength(2);
});
