import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Metrics } from '@flotilla/metrics';
import { tempDir } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { historyOf, type Played, play } from '../helpers/history.ts';
import { testProcess } from '../helpers/test-process.ts';

const on = testProcess();
const folder = tempDir('flotilla-grown-');
let history: Metrics;
const GIB = 1024 ** 3;
const DAY = 86_400_000;

/** A disk of 100 GiB that had `left` now and lost so much a day. */
const disk = (mountpoint: string, left: number, perDay: number): Played[] => [
  { host: 'web1', name: 'node_filesystem_size_bytes', labels: { mountpoint }, value: () => 100 * GIB },
  {
    host: 'web1',
    name: 'node_filesystem_avail_bytes',
    labels: { mountpoint },
    value: (at) => (left + perDay * ((Date.now() - at) / DAY)) * GIB,
  },
];

beforeAll(async () => {
  history = historyOf(on.runtime.config.dataDir);
  await play(history, [...disk('/', 27, 1), ...disk('/srv', 60, 0)], { days: 10 });
});
afterAll(async () => {
  await history.close();
  folder.remove();
});

interface Row {
  alias: string;
  forecasts: { kind: string; mountpoint: string; state: string; fullIn?: { days: number } }[];
  note?: string;
  cause?: {
    directories: { path: string; bytes: number; grownBytes?: number }[];
    recentFiles: { path: string; bytes: number }[];
  };
}

test("'metrics_forecast' says when a disk will be full, the most urgent first", async () => {
  const { rows, text } = await on.ok<{ rows: Row[] }>('metrics_forecast', { alias: 'web1' });
  const [root, srv] = rows[0]?.forecasts ?? [];
  expect(root).toMatchObject({ kind: 'disk', mountpoint: '/', state: 'filling' });
  expect(root?.fullIn?.days).toBeGreaterThan(25);
  expect(root?.fullIn?.days).toBeLessThan(29);
  expect(srv).toMatchObject({ mountpoint: '/srv', state: 'stable' });
  expect(text).toMatch(
    /web1:\n {2}! disk \/: full in 2[5-8] days \(2\d days to 2\d days\), \+1\.0 GiB per day/,
  );
});

test('a host without a history has not enough data', async () => {
  const { host, port, user, keyPath } = on.sshd;
  await on.addHost('fresh', { host, port, user, keyPath });
  const { rows, text } = await on.ok<{ rows: Row[] }>('metrics_forecast', { alias: 'fresh' });
  expect(rows[0]).toMatchObject({ forecasts: [], note: expect.stringContaining('not enough data') });
  expect(text).toContain('not enough data');
});

test('the cause names the directory that grew since it was looked at before, and the file', async () => {
  const grown = `${folder.path}/it's logs`;
  mkdirSync(grown);
  await play(
    history,
    disk(folder.path, 5, 1).map((one) => ({ ...one, host: 'logs' })),
    { days: 5 },
  );
  const { host, port, user, keyPath } = on.sshd;
  await on.addHost('logs', { host, port, user, keyPath });
  const ask = async () =>
    (await on.ok<{ rows: Row[] }>('metrics_forecast', { alias: 'logs', cause: true })).rows[0]?.cause;
  expect((await ask())?.directories[0]?.grownBytes).toBeUndefined();
  writeFileSync(`${grown}/app.log`, randomBytes(16 * 1024 * 1024));
  const cause = await ask();
  expect(cause?.directories[0]?.path).toBe(grown);
  expect(cause?.directories[0]?.grownBytes).toBeGreaterThanOrEqual(16 * 1024 * 1024);
  expect(cause?.recentFiles[0]).toMatchObject({ path: `${grown}/app.log`, bytes: 16 * 1024 * 1024 });
});

test("'metrics_forecast' of an unknown host fails", async () => {
  expect(await on.fails('metrics_forecast', { alias: 'nobody' })).toMatchObject({ code: 'NOT_FOUND' });
});
