import type { Metrics } from '@flotilla/metrics';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { historyOf, play } from '../helpers/history.ts';
import { testProcess } from '../helpers/test-process.ts';

const on = testProcess();
let history: Metrics;
let last: number;

const HOUR = 3_600_000;
const project = (name: string, container: string) => ({ name: container, id: 'abc', project: name });

beforeAll(async () => {
  history = historyOf(on.runtime.config.dataDir);
  last = await play(
    history,
    [
      { host: 'web1', name: 'cpu_percent', value: (at) => 20 + 10 * Math.sin(at / HOUR) },
      { host: 'web1', name: 'disk_percent', labels: { mountpoint: '/' }, value: () => 40 },
      { host: 'web1', name: 'disk_percent', labels: { mountpoint: '/srv' }, value: () => 60 },
      { host: 'web1', name: 'node_load1', value: () => 1 },
      ...['shop-web-1', 'shop-db-1'].map((container) => ({
        host: 'web1',
        name: 'container_memory_working_set_bytes',
        labels: project('shop', container),
        value: () => 100 * 1024 ** 2,
      })),
      {
        host: 'web1',
        name: 'container_memory_working_set_bytes',
        labels: project('blog', 'blog-1'),
        value: () => 50 * 1024 ** 2,
      },
    ],
    { days: 0.25, stepMs: 15_000 },
  );
  await history.miss([{ host: 'web1', at: last + 1_000, reason: 'timeout', detail: 'no answer' }]);
});
afterAll(() => history.close());

interface Series {
  alias?: string;
  name: string;
  labels: Record<string, string>;
  unit: string;
  values: (number | null)[];
  stepSeconds: number;
  min: number;
  max: number;
  last: number;
}

test("'metrics_query' answers with evenly spaced values", async () => {
  const { series, text } = await on.ok<{ series: Series[] }>('metrics_query', {
    alias: 'web1',
    names: ['cpu_percent'],
    from: '-2h',
    step: '10m',
  });
  expect(series).toHaveLength(1);
  expect(series[0]).toMatchObject({ alias: 'web1', unit: 'percent', stepSeconds: 600 });
  expect(series[0]?.values.length).toBeGreaterThanOrEqual(12);
  expect(series[0]?.max).toBeLessThanOrEqual(30);
  expect(series[0]?.min).toBeGreaterThanOrEqual(10);
  expect(text).toContain('web1 cpu_percent: last ');
  expect(text).toContain('timeout: no answer');
});

test('labels select, also by pattern and negation', async () => {
  const mounts = async (mountpoint: string) => {
    const { series } = await on.ok<{ series: Series[] }>('metrics_query', {
      alias: 'web1',
      names: ['disk_percent'],
      labels: { mountpoint },
    });
    return series.map(({ labels }) => labels['mountpoint']);
  };
  expect(await mounts('/srv')).toEqual(['/srv']);
  expect(await mounts('~/s.*')).toEqual(['/srv']);
  expect(await mounts('!/srv')).toEqual(['/']);
  expect(await mounts('!~/s.*')).toEqual(['/']);
});

test('series are added up per project', async () => {
  const { series } = await on.ok<{ series: Series[] }>('metrics_query', {
    alias: 'all',
    names: ['container_memory_working_set_bytes'],
    by: 'project',
  });
  const of = (name: string) => series.find(({ labels }) => labels['project'] === name)?.last;
  expect(of('shop')).toBe(200 * 1024 ** 2);
  expect(of('blog')).toBe(50 * 1024 ** 2);
});

test('without names the series there are are listed', async () => {
  const { names, text } = await on.ok<{ names: { name: string; series: number; labels: string[] }[] }>(
    'metrics_query',
    { alias: 'web1' },
  );
  expect(names).toContainEqual({ name: 'disk_percent', series: 2, labels: ['mountpoint'] });
  expect(text).toContain('disk_percent: 2 series by mountpoint');
});

test('what there is not is said: an unknown series, a host that was never looked at', async () => {
  const unknown = await on.ok<{ note: string }>('metrics_query', { alias: 'web1', names: ['cpu'] });
  expect(unknown.note).toContain('No such series: cpu');
  const { host, port, user, keyPath } = on.sshd;
  await on.addHost('fresh', { host, port, user, keyPath });
  const fresh = await on.ok<{ note: string }>('metrics_query', { alias: 'fresh', names: ['cpu_percent'] });
  expect(fresh.note).toContain('sample: true');
});

test.each([
  [{ from: 'yesterday' }, 'from'],
  [{ from: '-1h', to: '-2h' }, 'before'],
  [{ step: '0s' }, 'step'],
  [{ labels: { mountpoint: '~(' } }, 'regular expression'],
])("'metrics_query' refuses %j", async (args, word) => {
  const failure = await on.fails('metrics_query', { alias: 'web1', names: ['disk_percent'], ...args });
  expect(failure.code).toBe('INVALID_INPUT');
  expect(JSON.stringify(failure)).toContain(word);
});

test("'metrics_chart' draws a PNG of its size and gives the values", async () => {
  const answer = await on.call('metrics_chart', { alias: 'web1', names: ['disk_percent'], from: '-6h' });
  expect(answer.isError).toBeUndefined();
  const [text, image] = answer.content;
  expect(text).toMatchObject({ type: 'text', text: expect.stringContaining('mountpoint="/srv"') });
  expect(image).toMatchObject({ type: 'image', mimeType: 'image/png' });
  const png = Buffer.from(String((image as { data?: unknown }).data), 'base64');
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1500, 690]);
  expect(png.byteLength).toBeLessThan(400_000);
  expect((answer.structuredContent as { series: Series[] }).series).toHaveLength(2);
});

test("'metrics_chart' refuses two units in one picture, and draws nothing of nothing", async () => {
  const units = await on.fails('metrics_chart', { alias: 'web1', names: ['cpu_percent', 'node_load1'] });
  expect(units).toMatchObject({ code: 'INVALID_INPUT', hint: expect.stringContaining('per unit') });
  const nothing = await on.fails('metrics_chart', { alias: 'web1', names: ['no_such_series'] });
  expect(nothing).toMatchObject({ code: 'NOT_FOUND', hint: expect.stringContaining('no_such_series') });
});
