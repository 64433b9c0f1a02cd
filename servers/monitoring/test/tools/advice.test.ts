import type { Metrics } from '@flotilla/metrics';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { historyOf, play } from '../helpers/history.ts';
import { testProcess } from '../helpers/test-process.ts';

const on = testProcess();
const MIB = 1024 ** 2;
const HOUR = 3_600_000;
let history: Metrics;

beforeAll(async () => {
  history = historyOf(on.runtime.config.dataDir);
  const labels = { id: 'abc', name: 'shop-web-1', project: 'shop', service: 'web' };
  const strange = Math.floor(Date.now() / HOUR) * HOUR - 3 * HOUR;
  await play(
    history,
    [
      { host: 'web1', name: 'cpu_percent', value: (at) => (at === strange ? 95 : 20 + Math.sin(at) * 2) },
      { host: 'web1', name: 'container_cpu_usage_seconds_total', labels, value: () => 0.2 },
      { host: 'web1', name: 'container_memory_working_set_bytes', labels, value: () => 100 * MIB },
      { host: 'web1', name: 'container_spec_memory_limit_bytes', labels, value: () => 105 * MIB },
    ],
    { days: 24 },
  );
  const { host, port, user, keyPath } = on.sshd;
  await on.addHost('fresh', { host, port, user, keyPath });
});
afterAll(() => history.close());

interface Rows {
  rows: {
    alias: string;
    anomalies: { name: string; value: number; usual: number; score: number }[];
    containers: { name: string; project: string; verdict: string; advised?: { memoryLimitBytes: number } }[];
    note?: string;
  }[];
}

test("'anomaly_list' finds the hour that was unlike the weeks before", async () => {
  const { rows, text } = await on.ok<Rows>('anomaly_list', { alias: 'web1' });
  expect(rows[0]?.anomalies).toHaveLength(1);
  expect(rows[0]?.anomalies[0]).toMatchObject({ name: 'cpu_percent', value: 95 });
  expect(rows[0]?.anomalies[0]?.usual).toBeCloseTo(20, -1);
  expect(text).toContain('cpu_percent 95 %, usually ');
});

test('a host with less than two weeks is said to have too little', async () => {
  const { rows, text } = await on.ok<Rows>('anomaly_list', { alias: ['web1', 'fresh'] });
  expect(rows.find(({ alias }) => alias === 'fresh')?.note).toContain('not enough data');
  expect(text).toContain('fresh: not enough data');
});

test("'anomaly_list' refuses a time it does not understand", async () => {
  expect(await on.fails('anomaly_list', { alias: 'nobody' })).toMatchObject({ code: 'NOT_FOUND' });
  expect(await on.fails('anomaly_list', { alias: 'web1', since: 'soon' })).toMatchObject({
    code: 'INVALID_INPUT',
  });
});

test("'container_advice' names the limit that is too tight, and a better one", async () => {
  const { rows, text } = await on.ok<Rows>('container_advice', { alias: 'web1', project: 'shop' });
  expect(rows[0]?.containers).toHaveLength(1);
  expect(rows[0]?.containers[0]).toMatchObject({
    name: 'shop-web-1',
    project: 'shop',
    verdict: 'memory limit tight',
  });
  expect(rows[0]?.containers[0]?.advised?.memoryLimitBytes).toBeGreaterThan(105 * MIB);
  expect(text).toContain('shop-web-1: memory limit tight (its peak is 95 % of its limit)');
  const other = await on.ok<Rows>('container_advice', { alias: 'web1', project: 'other' });
  expect(other.rows[0]?.note).toContain('no container');
});

test("'container_advice' of an unknown host fails", async () => {
  expect(await on.fails('container_advice', { alias: 'nobody' })).toMatchObject({ code: 'NOT_FOUND' });
});
