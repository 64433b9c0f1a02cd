import { cpus, totalmem } from 'node:os';
import { startBusyboxHost, whyNoBusybox } from '@flotilla/testkit';
import { expect, test } from 'vitest';
import { testProcess } from '../helpers/test-process.ts';

const on = testProcess();

interface Answer {
  rows: {
    alias: string;
    state: string;
    cpu: { count: number; percent: number };
    memory: { totalBytes: number; percent: number };
    disks: { mountpoint: string; percent: number }[];
    processes: {
      total: number;
      byCpu: { pid: number }[];
      byMemory: { command: string; memoryBytes: number }[];
    };
    error?: { code: string };
  }[];
}

test("'get_system_resources' measures a real host", async () => {
  const { rows, text } = await on.ok<Answer>('get_system_resources', { alias: 'web1', top: 3 });
  const [row] = rows;
  expect(row).toMatchObject({ alias: 'web1', state: 'ok', cpu: { count: cpus().length } });
  expect(Math.abs((row?.memory.totalBytes ?? 0) - totalmem())).toBeLessThan(1024 * 1024);
  expect(row?.cpu.percent).toBeLessThanOrEqual(100);
  expect(row?.disks.some(({ mountpoint }) => mountpoint === '/')).toBe(true);
  expect(row?.processes.total).toBeGreaterThan(3);
  const memory = row?.processes.byMemory.map(({ memoryBytes }) => memoryBytes) ?? [];
  expect(memory).toHaveLength(3);
  expect(memory).toEqual([...memory].sort((a, b) => b - a));
  expect(text).toMatch(/^web1: /);
  expect(text).toContain('disk /');
});

test("'get_system_resources' finds who uses the CPU", async () => {
  const busy = on.runtime.services.hosts.shell('web1', 'timeout 20 sh -c "while :; do :; done" & echo $!');
  const pid = Number((await busy).stdout);
  try {
    const { rows } = await on.ok<Answer>('get_system_resources', { alias: 'web1', top: 20 });
    const { stdout } = await on.runtime.services.hosts.shell('web1', `cat /proc/${pid}/task/${pid}/children`);
    expect(rows[0]?.processes.byCpu.map((one) => one.pid)).toContain(Number(stdout));
  } finally {
    await on.runtime.services.hosts.shell('web1', `kill ${pid}`);
  }
});

test('a host that cannot be reached is a row with its reason', async () => {
  const { host, user, keyPath } = on.sshd;
  await on.addHost('gone', { host, port: 1, user, keyPath });
  const answer = await on.call('get_system_resources', { alias: ['web1', 'gone'] });
  const { rows } = answer.structuredContent as Answer;
  expect(answer.isError).toBe(true);
  expect(rows.find(({ alias }) => alias === 'gone')).toMatchObject({
    state: 'failed',
    error: { code: 'CONNECTION_FAILED' },
  });
  expect(rows.find(({ alias }) => alias === 'web1')?.state).toBe('ok');
});

test("'get_system_resources' of an unknown host fails", async () => {
  expect(await on.fails('get_system_resources', { alias: 'nobody' })).toMatchObject({ code: 'NOT_FOUND' });
});

test.skipIf(whyNoBusybox())('a busybox host is measured alike', async () => {
  const busybox = await startBusyboxHost();
  try {
    const { host, port, user, keyPath } = busybox;
    await on.addHost('router', { host, port, user, keyPath });
    const { rows } = await on.ok<Answer>('get_system_resources', { alias: 'router' });
    expect(rows[0]).toMatchObject({ state: 'ok', cpu: { count: cpus().length } });
    expect(rows[0]?.processes.byMemory.length).toBeGreaterThan(0);
  } finally {
    await busybox.stop();
  }
});
