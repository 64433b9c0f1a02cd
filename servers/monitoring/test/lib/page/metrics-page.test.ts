import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { freePort, startSshd, waitFor, whyNoProgram } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exposition } from '../../../src/lib/page/exposition.ts';
import { nodeFamilies } from '../../../src/lib/page/node-families.ts';
import { parseSample } from '../../../src/lib/sampling/parse-sample.ts';
import type { Reading } from '../../../src/lib/sampling/reading.ts';
import { type SamplingProcess, samplingProcess } from '../../helpers/sampling-process.ts';

const fixture = (name: string): Reading =>
  parseSample(readFileSync(new URL(`../../fixtures/${name}.txt`, import.meta.url), 'utf8')) as Reading;

/** Series of a page: `name{labels}` without the instance → value. */
function seriesOf(page: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const line of page.split('\n')) {
    const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (!name) continue;
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)]
      .filter(([, key]) => key !== 'instance')
      .map(([, key, text]) => `${key}="${text}"`)
      .sort();
    found.set(`${name}{${pairs.join(',')}}`, Number(value));
  }
  return found;
}

test('labels are escaped, families sorted, a series comes once', () => {
  const page = exposition([
    {
      name: 'b_total',
      type: 'counter',
      help: 'B.',
      samples: [{ labels: { path: 'a"b\\c\nd' }, value: 1.5 }],
    },
    {
      name: 'a',
      type: 'gauge',
      help: 'A.',
      samples: [
        { labels: {}, value: 1 },
        { labels: {}, value: 2 },
      ],
    },
    { name: 'none', type: 'gauge', help: 'Nothing.', samples: [] },
  ]);
  expect(page).toBe(
    '# HELP a A.\n# TYPE a gauge\na 1\n# HELP b_total B.\n# TYPE b_total counter\nb_total{path="a\\"b\\\\c\\nd"} 1.5\n',
  );
});

const noPromtool = whyNoProgram('promtool', 'prometheus');
test.skipIf(noPromtool)(`promtool accepts the page of several hosts ${noPromtool ?? ''}`, () => {
  const readings = new Map(['web1', 'db1'].map((name) => [name, fixture('debian12-cgroup1')]));
  readings.set('router', fixture('busybox')).set('blog', fixture('cgroup2'));
  const page = exposition(nodeFamilies(readings));
  const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: page, encoding: 'utf8' });
  // Names of the kernel such as MemTotal are not in snake case in node_exporter either.
  const complaints = stderr
    .split('\n')
    .filter((line) => line !== '' && !/snake_case|node_memory_HugePages|abbreviated/.test(line));
  expect(complaints).toEqual([]);
  expect([0, 3]).toContain(status);
  expect(page).toContain('node_load1{instance="router"}');
});

const noExporter = whyNoProgram('prometheus-node-exporter', 'prometheus-node-exporter');
describe.skipIf(noExporter)(`beside a real node_exporter ${noExporter ?? ''}`, () => {
  let exporter: ChildProcess;
  let url: string;
  let sampling: SamplingProcess;

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}/metrics`;
    exporter = spawn('prometheus-node-exporter', [`--web.listen-address=127.0.0.1:${port}`], {
      stdio: 'ignore',
    });
    sampling = await samplingProcess({ intervalS: 1 }, await startSshd());
    await waitFor(
      () =>
        fetch(url).then(
          ({ ok }) => ok,
          () => false,
        ),
      { timeoutMs: 30_000, what: 'node_exporter' },
    );
    await waitFor(async () => (await sampling.page()).includes('node_load1'), {
      timeoutMs: 30_000,
      intervalMs: 100,
      what: 'a look',
    });
  });
  afterAll(async () => {
    exporter?.kill();
    await sampling?.close();
  });

  test('values agree: counters lie between two of its pages, gauges are close', async () => {
    const before = seriesOf(await (await fetch(url)).text());
    const seen = (await sampling.metrics.latest())[0]?.at ?? 0;
    await waitFor(async () => ((await sampling.metrics.latest())[0]?.at ?? 0) > seen + 1_000, {
      timeoutMs: 30_000,
      intervalMs: 50,
      what: 'a fresh look',
    });
    const ours = seriesOf(await sampling.page());
    const after = seriesOf(await (await fetch(url)).text());
    const common = [...ours.keys()].filter((key) => before.has(key) && after.has(key));
    const names = new Set(common.map((key) => key.replace(/\{.*/, '')));
    for (const name of [
      'node_cpu_seconds_total',
      'node_filesystem_avail_bytes',
      'node_memory_MemTotal_bytes',
      'node_load1',
      'node_network_receive_bytes_total',
      'node_disk_written_bytes_total',
      'node_boot_time_seconds',
      'node_pressure_cpu_waiting_seconds_total',
    ])
      expect(names).toContain(name);
    const value = (map: Map<string, number>, key: string): number => map.get(key) ?? Number.NaN;
    const outside = common
      .filter((key) => /_total\{/.test(key))
      .filter((key) => {
        // Idle and iowait of a CPU may run backwards by a few ticks: proc(5).
        const slack = /mode="(idle|iowait)"/.test(key) ? 1 : 0.02 + value(after, key) * 1e-9;
        return value(ours, key) < value(before, key) - slack || value(ours, key) > value(after, key) + slack;
      });
    expect(outside).toEqual([]);
    for (const key of common.filter((one) => /^node_(filesystem|memory_(MemTotal|MemAvailable))/.test(one))) {
      const [one, other] = [value(ours, key), value(after, key)];
      expect.soft(Math.abs(one - other) / Math.max(1, other), key).toBeLessThan(0.1);
    }
    expect(
      Math.abs(value(ours, 'node_boot_time_seconds{}') - value(after, 'node_boot_time_seconds{}')),
    ).toBeLessThanOrEqual(2);
  });

  test('up is 1 for what answers, and a host that is gone is 0 and nothing else', async () => {
    expect(await sampling.page()).toContain('up{instance="web1"} 1');
    await sampling.sshd.down();
    sampling.sshd.killSessions();
    await waitFor(async () => (await sampling.page()).includes('up{instance="web1"} 0'), {
      timeoutMs: 30_000,
      intervalMs: 100,
      what: 'up 0',
    });
    expect(await sampling.page()).not.toContain('node_load1');
  });
});
