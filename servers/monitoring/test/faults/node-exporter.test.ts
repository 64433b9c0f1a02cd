import { type ChildProcess, spawn } from 'node:child_process';
import { freePort, startSshd, waitFor, whyNoProgram } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SamplingProcess, samplingProcess } from '../helpers/sampling-process.ts';

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
});
