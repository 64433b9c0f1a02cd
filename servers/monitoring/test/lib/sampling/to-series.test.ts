import { expect, test } from 'vitest';
import type { Reading } from '../../../src/lib/sampling/reading.ts';
import { toSeries } from '../../../src/lib/sampling/to-series.ts';
import { readingOf } from '../../helpers/look-fixture.ts';

const first = readingOf('debian12-cgroup1');

/** The same host `seconds` later, with what happened meanwhile. */
function later(seconds: number, change: (next: Reading) => void = () => {}): Reading {
  const next = structuredClone(first);
  next.uptimeSeconds += seconds;
  change(next);
  return next;
}

const value = (now: Reading, before: Reading | undefined, name: string, labels?: Record<string, string>) =>
  toSeries(now, before).find(
    (one) =>
      one.name === name && Object.entries(labels ?? {}).every(([key, value]) => one.labels?.[key] === value),
  )?.value;

test('the first look has gauges and no rates', () => {
  const series = toSeries(first, undefined);
  expect(series.filter(({ name }) => name.endsWith('_total') || name === 'cpu_percent')).toEqual([]);
  expect(value(first, undefined, 'up')).toBe(1);
  expect(value(first, undefined, 'disk_percent', { mountpoint: '/' })).toBeGreaterThan(1);
});

test('counters become rates by the clock of the host', () => {
  const next = later(20, ({ networks, disks, pressure }) => {
    for (const network of networks) network.receiveBytes += 20_000;
    for (const disk of disks) disk.ioSeconds += 5;
    pressure['io_waiting'] = (pressure['io_waiting'] ?? 0) + 2;
  });
  expect(value(next, first, 'node_network_receive_bytes_total', { device: 'eth0' })).toBeCloseTo(1_000);
  expect(value(next, first, 'node_disk_io_time_seconds_total', { device: 'vda' })).toBeCloseTo(0.25);
  expect(value(next, first, 'node_pressure_io_waiting_seconds_total')).toBeCloseTo(0.1);
});

test('CPU is the busy share of all cores; waiting for I/O is not busy', () => {
  const next = later(10, ({ cpus }) => {
    for (const cpu of cpus) {
      cpu.user += 2;
      cpu.system += 1;
      cpu.iowait += 1;
      cpu.idle += 6;
    }
  });
  expect(value(next, first, 'cpu_percent')).toBeCloseTo(30);
  expect(value(next, first, 'node_cpu_seconds_total', { mode: 'user' })).toBeCloseTo(0.4);
});

test('a reboot gives no rates, although some counters are higher than before', () => {
  const rebooted = later(20, (next) => {
    next.bootId = '00000000-0000-0000-0000-000000000000';
    for (const network of next.networks) network.receiveBytes *= 2;
  });
  expect(toSeries(rebooted, first).filter(({ name }) => name.endsWith('_total'))).toEqual([]);
  expect(value(rebooted, first, 'cpu_percent')).toBeUndefined();
  expect(value(rebooted, first, 'node_load1')).toBeDefined();
});

test('a counter that was reset has no rate, the others have', () => {
  const next = later(10, ({ networks }) => {
    for (const network of networks) if (network.device === 'eth0') network.receiveBytes = 10;
  });
  expect(value(next, first, 'node_network_receive_bytes_total', { device: 'eth0' })).toBeUndefined();
  expect(value(next, first, 'node_network_transmit_bytes_total', { device: 'eth0' })).toBe(0);
});

test('a clock that stands still, runs backwards or paused for long gives no rates', () => {
  for (const seconds of [0, -5, 3_600])
    expect(toSeries(later(seconds), first).filter(({ name }) => name.endsWith('_total'))).toEqual([]);
});

test('a device that appeared has no rate yet', () => {
  const next = later(10, (reading) => {
    reading.disks.push({ ...(reading.disks[0] as Reading['disks'][0]), device: 'vdb' });
  });
  expect(value(next, first, 'node_disk_read_bytes_total', { device: 'vdb' })).toBeUndefined();
});

test('disk_percent is what df prints', () => {
  const { filesystems } = first;
  const [root] = filesystems;
  const printed = 27;
  expect(root?.mountpoint).toBe('/');
  expect(Math.ceil(value(first, undefined, 'disk_percent', { mountpoint: '/' }) ?? 0)).toBe(printed);
});

test('containers carry name, project and service', () => {
  const next = later(10, ({ containers }) => {
    for (const container of containers) container.cpuSeconds = (container.cpuSeconds ?? 0) + 5;
  });
  const cpu = toSeries(next, first).find(({ name }) => name === 'container_cpu_usage_seconds_total');
  expect(cpu).toMatchObject({ value: 0.5, labels: { name: 'shop-web-1', project: 'shop', service: 'web' } });
});

test('memory of an old kernel that does not say what is available', () => {
  const { MemAvailable, ...memory } = first.memory;
  expect(MemAvailable).toBeGreaterThan(0);
  const old = { ...first, memory };
  expect(value(old, undefined, 'memory_percent')).toBeGreaterThan(0);
  expect(value(old, undefined, 'memory_percent')).toBeLessThan(100);
});

test('one look has a bounded number of series', () => {
  const many = structuredClone(first);
  const template = many.containers[0] as Reading['containers'][0];
  many.containers = Array.from({ length: 300 }, (_, index) => ({
    ...template,
    id: String(index).padStart(64, '0'),
  }));
  many.networks = Array.from({ length: 200 }, (_, index) => ({
    ...(many.networks[0] as Reading['networks'][0]),
    device: `eth${index}`,
  }));
  expect(toSeries(many, undefined).length).toBeLessThan(1_000);
});
