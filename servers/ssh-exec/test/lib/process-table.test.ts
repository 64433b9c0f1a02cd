import { execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { killScript, listScript } from '../../src/lib/process-scripts.ts';
import { parseProcesses, portsByPid, readSections } from '../../src/lib/process-table.ts';

const list = (withPorts = false, shell = ['sh']): ReadonlyMap<string, string> => {
  const [program = 'sh', ...args] = shell;
  const script = listScript(withPorts);
  return readSections(
    execFileSync(program, [...args, '-c', script], { encoding: 'utf8', maxBuffer: 1 << 26 }),
  );
};

test.each([[['sh']], [['busybox', 'sh']]])('the script of %s shows this process as ps does', (shell) => {
  const self = parseProcesses(list(false, shell)).find((row) => row.pid === process.pid);
  expect(self?.ppid).toBe(process.ppid);
  expect(self?.user).toBe(
    execFileSync('ps', ['-o', 'user=', '-p', String(process.pid)], { encoding: 'utf8' }).trim(),
  );
  expect(self?.memoryBytes).toBeGreaterThan(10_000_000);
  expect(self?.command).toContain('vitest');
});

test('a listening port leads to its process', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  expect(portsByPid(list(true)).get(process.pid)).toContain(port);
  server.close();
});

test('lines of a hostile host are left out, numbers are bounded', () => {
  const sections = new Map([
    ['ticks', '-5'],
    ['page', '999999999999'],
    ['uptime', '1e999 0'],
    [
      'stat',
      '1 (a) b) S 0 1 1 0 -1 0 0 0 0 0 10 20 0 0 20 0 1 0 50 1000 10 0\nnonsense\n2 (x) S -1 no\n99999999999999999999 (y) S 1',
    ],
  ]);
  const rows = parseProcesses(sections);
  expect(rows.map((row) => [row.pid, row.command, row.cpuPercent])).toEqual([[1, '[a) b]', 0]]);
});

const kill = (pid: number, startTime: number, signal = 'TERM', wait = 5): number => {
  try {
    execFileSync('sh', ['-c', killScript(pid, startTime, signal, wait)]);
    return 0;
  } catch (error) {
    return (error as { status: number }).status;
  }
};

test('a process is ended only while its start time is the one that was seen', async () => {
  const child = spawn('sleep', ['600']);
  const ended = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
  const row = parseProcesses(list()).find(({ pid }) => pid === child.pid);
  expect(row).toBeDefined();
  if (!row) return;
  expect(kill(row.pid, row.startTime + 1)).toBe(5);
  expect(kill(row.pid, row.startTime)).toBe(0);
  expect(await ended).toBe('SIGTERM');
  expect(kill(row.pid, row.startTime)).toBe(4);
});

test('a process that ignores the signal is reported as running', async () => {
  const child = spawn('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.05; done']);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const row = parseProcesses(list()).find(({ pid }) => pid === child.pid);
  if (!row) throw new Error('the child is not listed');
  expect(kill(row.pid, row.startTime, 'TERM', 0)).toBe(3);
  child.kill('SIGKILL');
});
