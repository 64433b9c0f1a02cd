import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@flotilla/testkit';
import { expect, test } from 'vitest';
import { sectionMarks } from '../../../src/lib/host/sections.ts';
import { parseSample } from '../../../src/lib/sampling/parse-sample.ts';
import type { Reading } from '../../../src/lib/sampling/reading.ts';
import { sampleScript } from '../../../src/lib/sampling/sample-script.ts';
import { lookText, readingOf, sectionsOf } from '../../helpers/look-fixture.ts';

const text = lookText;
const parsed = readingOf;
const parse = (stdout: string): Reading | undefined => parseSample(sectionsOf(stdout));

test('a Debian host with cgroup v1: every part of a look', () => {
  const reading = parsed('debian12-cgroup1');
  expect(reading.bootId).toMatch(/^[0-9a-f-]{36}$/);
  expect(reading.cpus).toHaveLength(2);
  expect(reading.cpus[0]?.idle).toBeGreaterThan(1_000);
  expect(reading.memory['MemTotal']).toBe(24_684_096 * 1024);
  expect(reading.disks.map(({ device }) => device)).toEqual(['vda']);
  expect(reading.networks.map(({ device }) => device)).toContain('eth0');
  expect(Object.keys(reading.pressure)).toEqual([
    'cpu_waiting',
    'io_waiting',
    'io_stalled',
    'memory_waiting',
    'memory_stalled',
  ]);
  expect(reading.conntrack?.limit).toBe(262_144);
  expect(reading.files?.allocated).toBeGreaterThan(0);
  expect(reading.sockets['TCP_inuse']).toBeGreaterThan(0);
});

test('containers wherever an engine puts their control groups: cgroupfs, systemd, pods, rootless', () => {
  const root = tempDir('flotilla-cgroup-');
  const at = (place: string, id: string): void => {
    const folder = join(root.path, place.replace('ID', id));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'memory.current'), '4096\n');
    writeFileSync(join(folder, 'cpu.stat'), 'usage_usec 1000000\n');
  };
  writeFileSync(join(root.path, 'cgroup.controllers'), 'cpu memory\n');
  const user = 'user.slice/user-1000.slice/user@1000.service';
  const places = [
    'docker/ID',
    'system.slice/docker-ID.scope',
    'machine.slice/libpod-ID.scope',
    'machine.slice/machine-libpod_pod_1f.slice/libpod-ID.scope',
    'libpod_parent/libpod-ID',
    'libpod_parent/1f/libpod-ID',
    `${user}/user.slice/libpod-ID.scope`,
    `${user}/user.slice/user-libpod_pod_1f.slice/libpod-ID.scope`,
    `${user}/user.slice/docker-ID.scope`,
    `${user}/app.slice/docker-ID.scope`,
  ];
  const ids = places.map((_, index) => index.toString(16).padStart(64, 'a'));
  for (const [index, place] of places.entries()) at(place, ids[index] ?? '');
  at('machine.slice/libpod-conmon-ID.scope', 'f'.repeat(64));
  const marks = sectionMarks();
  const script = sampleScript(marks, { filesystems: false, cgroups: root.path });
  const stdout = execFileSync('sh', ['-c', script], { encoding: 'utf8' });
  root.remove();
  const reading = parseSample(marks.parse(stdout.replaceAll(root.path, '/sys/fs/cgroup')));
  expect(reading?.containers.map(({ id }) => id).toSorted()).toEqual(ids);
  expect(reading?.containers[0]).toMatchObject({ memoryBytes: 4096, cpuSeconds: 1 });
});

test('file systems are those that hold data, with their inodes', () => {
  const { filesystems } = parsed('debian12-cgroup1');
  expect(filesystems.map(({ mountpoint }) => mountpoint)).toEqual(['/']);
  expect(filesystems[0]).toMatchObject({
    device: '/dev/vda',
    type: 'ext4',
    sizeBytes: 264_212_084 * 1024,
    files: 16_777_216,
  });
});

test('a container of cgroup v1 has name, project, limits and use', () => {
  const [container, ...others] = parsed('debian12-cgroup1').containers;
  expect(others).toEqual([]);
  expect(container).toMatchObject({
    id: expect.stringMatching(/^11091d3c9c9f/),
    name: 'shop-web-1',
    project: 'shop',
    service: 'web',
    cpuLimit: 0.5,
    memoryLimitBytes: 64 * 1024 * 1024,
    oomKills: 0,
  });
  expect(container?.cpuSeconds).toBeGreaterThan(0);
  expect(container?.memoryBytes).toBeGreaterThan(0);
});

test('cgroup v2: limits, use without the cache that can be given back, throttling, kills; rootless podman', () => {
  const { containers } = parsed('cgroup2');
  expect(containers).toEqual([
    {
      id: '7c2fd41c9d20b7b3b0f2e7a9dcb1d8fa1b1b3a54c8ed5c1dcb3b2ad6a5d0b9e1',
      name: 'blog-db-1',
      project: 'blog',
      service: 'db',
      cpuSeconds: 73.456789,
      throttledSeconds: 4.5,
      cpuLimit: 1.5,
      memoryBytes: 300 * 1024 * 1024 - 50 * 1024 * 1024,
      memoryLimitBytes: 512 * 1024 * 1024,
      oomKills: 1,
    },
    { id: 'e'.repeat(64), name: 'helper', cpuSeconds: 1, memoryBytes: 1_048_576 },
  ]);
});

test('a file system without inodes has none, and a mount point may have a blank in its name', () => {
  const byMount = new Map(parsed('cgroup2').filesystems.map((one) => [one.mountpoint, one]));
  expect(byMount.get('/boot/efi')).not.toHaveProperty('files');
  expect(byMount.get('/mnt/my?share')?.sizeBytes).toBe(100_000_000 * 1024);
});

test('a busybox host is read alike: a device that is mounted twice counts once', () => {
  const reading = parsed('busybox');
  expect(reading.filesystems.map(({ mountpoint }) => mountpoint)).toEqual(['/']);
  expect(reading.filesystems[0]?.files).toBe(16_777_216);
  expect(reading.cpus).toHaveLength(2);
  expect(reading.load[0]).toBeGreaterThanOrEqual(0);
});

test('this very machine is read through the script', () => {
  const reading = parse(
    execFileSync('sh', ['-c', sampleScript(sectionMarks('fixture'))], { encoding: 'utf8' }),
  );
  const [uptime] = readFileSync('/proc/uptime', 'utf8').split(' ');
  expect(Math.abs((reading?.uptimeSeconds ?? 0) - Number(uptime))).toBeLessThan(30);
  expect(reading?.filesystems.some(({ mountpoint }) => mountpoint === '/')).toBe(true);
  expect(reading?.bootTime).toBeGreaterThan(1e9);
});

test('what is no look at a Linux host is none', () => {
  for (const stdout of [
    '',
    'hello',
    '@@fixture stat\n@@fixture files\n',
    text('cgroup2').replace('/proc/uptime', '/proc/x'),
  ])
    expect(parse(stdout)).toBeUndefined();
});

test.each([
  ['endless lines', (good: string) => good + '@@fixture df\n'.repeat(50_000) + 'x'.repeat(500_000)],
  ['negative and absurd numbers', (good: string) => good.replace(/\d+/g, '-99999999999999999999999')],
  ['numbers that are none', (good: string) => good.replace(/\d{4,}/g, 'NaN')],
  ['control characters', (good: string) => good.replaceAll('/dev/vda', '\u001b[2J/dev\u0000')],
  ['a section twice', (good: string) => `${good}\n@@fixture df\n/dev/evil ext4 1 1 1 1% /\n`],
  ['very long names', (good: string) => good.replaceAll('eth0', 'e'.repeat(100_000))],
])('hostile output is survived: %s', (_, spoil) => {
  const reading = parse(spoil(text('debian12-cgroup1')));
  if (!reading) return;
  const everything = JSON.stringify(reading);
  expect(everything.length).toBeLessThan(100_000);
  expect(everything).not.toMatch(/\\u00(00|1b)|null|evil/);
});

test('a host cannot fill the history with names', () => {
  const many = Array.from(
    { length: 5_000 },
    (_, index) => `/dev/d${index} ext4 1000 1 999 1% /m${index}`,
  ).join('\n');
  const devices = Array.from({ length: 5_000 }, (_, index) => `  d${index}: ${'1 '.repeat(16)}`).join('\n');
  const reading = parse(
    text('cgroup2')
      .replace('@@fixture inodes', `${many}\n@@fixture inodes`)
      .replace('==> /proc/loadavg', `==> /proc/net/dev <==\n${devices}\n\n==> /proc/loadavg`),
  );
  expect(reading?.filesystems).toHaveLength(200);
  expect(reading?.networks).toHaveLength(200);
});
