import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Metrics } from '@flotilla/metrics';
import { openServer } from '@flotilla/runtime/testing';
import { startSshd, type TestSshd, tempDir, waitFor } from '@flotilla/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { monitoring } from '../../src/server.ts';
import { historyOf } from '../helpers/history.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const WAIT = { timeoutMs: 120_000, intervalMs: 200 };

let home: ReturnType<typeof tempDir>;
let sshd: TestSshd;
let metrics: Metrics;
const children: ChildProcess[] = [];

beforeEach(async () => {
  home = tempDir('flotilla-leader-');
  sshd = await startSshd();
  const dataDir = join(home.path, '.config/flotilla');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(join(dataDir, 'config.json'), JSON.stringify({ servers: { monitoring: { intervalS: 1 } } }));
  const setup = await openServer(monitoring, { HOME: home.path });
  const { host, port, user, keyPath } = sshd;
  await setup.addHost('web1', { host, port, user, keyPath });
  await setup.close();
  metrics = historyOf(dataDir);
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
  await metrics.close();
  await sshd.stop();
  home.remove();
});

/** The server alone over HTTP, on the one data folder. */
async function start(): Promise<ChildProcess> {
  const args = ['--conditions=@flotilla/source', MAIN, '--http', '--port', '0'];
  const child = spawn(process.execPath, args, {
    env: { HOME: home.path, PATH: process.env['PATH'] },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.push(child);
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said += String(chunk);
  });
  await waitFor(() => said.includes('ready at'), { ...WAIT, what: 'the server' });
  return child;
}

const times = async (): Promise<number[]> => {
  const [series] = await metrics.points({
    name: 'node_load1',
    from: Date.now() - 3_600_000,
    to: Date.now() + 60_000,
    stepMs: 1_000,
  });
  return series?.points.map(([at]) => at) ?? [];
};

const logins = (): number => sshd.log().match(/Accepted publickey/g)?.length ?? 0;

test('of two processes one looks at the hosts; after kill -9 the other takes over, and rates go on', async () => {
  const first = await start();
  await waitFor(async () => (await times()).length >= 5, { ...WAIT, what: 'samples of the first' });
  await start();
  const before = await times();
  await waitFor(async () => (await times()).length >= before.length + 5, { ...WAIT, what: 'more samples' });
  expect(logins()).toBe(1);
  const all = await times();
  expect(new Set(all).size).toBe(all.length);

  first.kill('SIGKILL');
  await once(first, 'exit');
  const killedAt = Date.now();
  await waitFor(async () => (await times()).some((at) => at > killedAt + 2_000), {
    ...WAIT,
    what: 'the take-over',
  });
  expect(logins()).toBe(2);
  // The reading of the killed process is what the first look of the other is compared with.
  const firstAfter = (await times()).find((at) => at > killedAt) ?? 0;
  const [cpu] = await metrics.points({
    name: 'cpu_percent',
    from: firstAfter,
    to: firstAfter + 500,
    stepMs: 1_000,
  });
  expect(cpu?.points).toHaveLength(1);
  expect(await metrics.gaps({ from: 0, to: Date.now() })).toEqual([]);
});
