import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { tempDir } from '@flotilla/testkit';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Metrics, openMetrics } from '../src/index.ts';

const START = Date.UTC(2026, 0, 5);
let folder: ReturnType<typeof tempDir>;
let file: string;
const opened: Metrics[] = [];
const open = (): Metrics => {
  const metrics = openMetrics({ file, now: () => START });
  opened.push(metrics);
  return metrics;
};
beforeEach(() => {
  folder = tempDir('flotilla-metrics-');
  file = join(folder.path, 'metrics.sqlite');
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
  folder.remove();
});

const sample = (at: number, value = 1) => ({ host: 'web1', at, values: [{ name: 'load', value }] });

test('one writes, others read what is committed', async () => {
  const [writer, reader] = [open(), open()];
  expect(await reader.series()).toEqual([]);
  await writer.append([sample(START, 3)]);
  expect(await reader.points({ name: 'load', from: START, to: START })).toEqual([
    { host: 'web1', name: 'load', labels: {}, tier: 'raw', points: [[START, 3]] },
  ]);
  await writer.append([sample(START + 15_000, 4)]);
  expect((await reader.instant({ name: 'load', at: START + 15_000 }))[0]?.value).toBe(4);
});

test('two writers at once lose nothing', async () => {
  const [one, other] = [open(), open()];
  await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      (index % 2 ? one : other).append([sample(START + index * 15_000, index)]),
    ),
  );
  const [series] = await one.points({ name: 'load', from: START, to: START + 3_600_000 });
  expect(series?.points).toHaveLength(40);
});

test('a failed call leaves the thread at work, and its reason arrives', async () => {
  const metrics = open();
  await metrics.append([sample(START)]);
  await expect(
    metrics.points({
      name: 'load',
      from: START,
      to: START,
      matchers: [{ label: 'a', op: '=~', value: '(' }],
    }),
  ).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  expect(await metrics.series()).toHaveLength(1);
});

test('a file of a newer version is refused and left as it is', async () => {
  const db = new Database(file);
  db.pragma('user_version = 99');
  db.close();
  await expect(open().series()).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('a file that is no SQLite file is named', async () => {
  writeFileSync(file, 'not a database, but longer than a header of sixteen bytes'.repeat(20));
  await expect(open().series()).rejects.toMatchObject({
    code: 'INTERNAL',
    message: expect.stringContaining(file),
  });
});

test('a closed file answers no call', async () => {
  const metrics = open();
  await metrics.close();
  await expect(metrics.series()).rejects.toMatchObject({ code: 'CANCELLED' });
});

test('the event loop turns while a long history is read', async () => {
  const metrics = open();
  const values = Array.from({ length: 60 }, (_, index) => ({ name: `series_${index}`, value: index }));
  const hours = Array.from({ length: 24 * 30 }, (_, hour) => START - hour * 3_600_000).reverse();
  await metrics.append(hours.map((at) => ({ host: 'web1', at, values })));
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const [series] = await metrics.points({
    name: 'series_7',
    from: START - 30 * 86_400_000,
    to: START,
    stepMs: 3_600_000,
  });
  delay.disable();
  expect(series?.points).toHaveLength(24 * 30);
  expect(delay.min).toBeGreaterThan(0);
});

test('everything that the file can tell is told through its thread', async () => {
  const metrics = open();
  await metrics.append([{ ...sample(START), reading: '{}' }]);
  await metrics.miss([{ host: 'db1', at: START, reason: 'net', detail: 'refused' }]);
  expect(await metrics.latest(['web1'])).toEqual([{ host: 'web1', at: START, reading: '{}' }]);
  expect(await metrics.gaps({ from: START, to: START })).toMatchObject([{ host: 'db1', count: 1 }]);
  const query = { name: 'load', from: START, to: START, stepMs: 60_000 };
  expect((await metrics.buckets(query))[0]?.buckets).toMatchObject([{ n: 1, last: 1 }]);
  for (const [aggregate, value] of [
    ['avg', 1],
    ['min', 1],
    ['max', 1],
    ['sum', 1],
    ['count', 1],
    ['last', 1],
  ] as const)
    expect((await metrics.points({ ...query, aggregate }))[0]?.points).toEqual([[START, value]]);
  expect(await metrics.size()).toMatchObject({ hosts: 2, series: 2 });
  await metrics.prune();
  expect(await metrics.series(['web1'])).toHaveLength(1);
});
