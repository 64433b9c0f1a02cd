import { expect, test } from 'vitest';
import { parseCounters } from '../../../src/lib/stats/counters.ts';
import { usageOf } from '../../../src/lib/stats/usage.ts';
import { ENGINES, fixtureText } from '../../helpers/fixture.ts';

test('counters of real hosts with cgroup v1', () => {
  for (const name of ENGINES) {
    const { cpus, uptimeS, containers } = parseCounters(fixtureText(`${name}-cgroup-v1.txt`));
    expect({ cpus, size: containers.size }, name).toEqual({ cpus: 2, size: 1 });
    expect(uptimeS).toBeGreaterThan(1000);
    const [counters] = containers.values();
    expect(counters, name).toMatchObject({ processes: 1, memoryLimit: 67_108_864, inactiveFile: 0 });
    expect(counters?.cpuNs).toBeGreaterThan(1_000_000);
    expect(counters?.memoryBytes).toBeGreaterThan(100_000);
  }
});

/** As cgroup v2 files are printed (kernel Documentation/admin-guide/cgroup-v2.rst). */
const V2 = `100.50 200.00
4
container ${'b'.repeat(64)}
cpustat usage_usec 2000000;user_usec 1500000;system_usec 500000;
memory 104857600;
limit max;
inactive_file 4194304
pids 7;
io 254:0 rbytes=1000 wbytes=2000 rios=1 wios=1 dbytes=0 dios=0;254:16 rbytes=10 wbytes=20;
net     lo: 99 1 0 0 0 0 0 0 99 1 0 0 0 0 0 0
net   eth0: 1000 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0
`;

test('cgroup v2: no limit, bytes of several disks, the loopback left out', () => {
  const counters = parseCounters(V2).containers.get('b'.repeat(64));
  expect(counters).toEqual({
    cpuNs: 2e9,
    memoryBytes: 104_857_600,
    inactiveFile: 4_194_304,
    processes: 7,
    readBytes: 1010,
    writtenBytes: 2020,
    receivedBytes: 1000,
    sentBytes: 2000,
  });
  const before = { cpuNs: 1e9 };
  expect(usageOf({ name: 'web', id: 'b' }, before, counters ?? {}, 0.5)).toMatchObject({
    cpuPercent: 200,
    memoryBytes: 100_663_296,
  });
});

test('v1 without a limit, counters that went back, and nonsense are left out', () => {
  const lines = `1 1\nx\ncontainer ${'c'.repeat(64)}\nlimit 9223372036854771712;\nmemory -5;\ncpuacct NaN;\npids 1e400;\ncontainer ../../etc\nmemory 1;\n`;
  const read = parseCounters(lines);
  expect(read.cpus).toBe(1);
  expect([...read.containers]).toEqual([['c'.repeat(64), { memoryBytes: 1 }]]);
  expect(usageOf({ name: 'a', id: 'a' }, { cpuNs: 10 }, { cpuNs: 5 }, 1)).toEqual({ name: 'a', id: 'a' });
});
