// 50 hosts (50 addresses of one sshd) sampled every 15 s for 5 minutes: CPU and memory of the hub, missed samples.
// BENCH_QUICK=1: one minute.
import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openMetrics } from '@flotilla/metrics';
import { loopbackHosts, startSshd, waitFor } from '@flotilla/testkit';
import { startMcp, textOf } from './lib/mcp-client.ts';
import { hubCommand, hubEnvironment } from './lib/subjects.ts';
import { printTable } from './lib/table.ts';

const HOSTS = 50;
const INTERVAL_MS = 15_000;
const MINUTES = process.env['BENCH_QUICK'] ? 1 : 5;
const TICKS = 100;

const sshd = await startSshd({ listen: loopbackHosts(HOSTS), config: ['MaxStartups 500'] });
const env = hubEnvironment({ ...sshd });
const home = env['HOME'] ?? '';
const dataDir = join(home, '.config', 'flotilla');
const keyPath = join(home, '.ssh', 'id_bench');
mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o700 });
mkdirSync(dataDir, { recursive: true, mode: 0o700 });
copyFileSync(sshd.keyPath, keyPath);
chmodSync(keyPath, 0o600);

async function addHosts(): Promise<void> {
  const hub = await startMcp(hubCommand.command, hubCommand.args, env);
  try {
    for (const [index, host] of loopbackHosts(HOSTS).entries()) {
      const args = { alias: `h${index + 1}`, host, port: sshd.port, user: sshd.user, keyPath, verify: false };
      const added = await hub.call('server_add', args);
      if (added.isError) throw new Error(textOf(added));
    }
  } finally {
    await hub.close();
  }
}

interface Use {
  cpuSeconds: number;
  rssMiB: number;
}

function useOf(pid: number): Use {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
    .map(Number);
  const rss = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  return { cpuSeconds: ((fields[11] ?? 0) + (fields[12] ?? 0)) / TICKS, rssMiB: rss / 1024 };
}

await addHosts();
writeFileSync(
  join(dataDir, 'config.json'),
  JSON.stringify({ servers: { monitoring: { intervalS: INTERVAL_MS / 1000 } } }),
);
const [main = ''] = hubCommand.args;
const hub = spawn(hubCommand.command, [main, 'serve', '--http', '--port', '0'], {
  env: { ...env, PATH: process.env['PATH'] },
  stdio: 'ignore',
});
const pid = hub.pid ?? 0;
const metrics = openMetrics({ file: join(dataDir, 'metrics.sqlite') });
try {
  // All connections are made and every host was looked at twice.
  await waitFor(
    async () => (await metrics.instant({ name: 'cpu_percent', at: Date.now() })).length === HOSTS,
    {
      timeoutMs: 180_000,
      intervalMs: 1_000,
      what: 'two looks at every host',
    },
  );
  const startup = useOf(pid);
  const [from, started] = [Date.now(), performance.now()];
  const memory: number[] = [startup.rssMiB];
  for (let minute = 0; minute < MINUTES; minute++) {
    await delay(60_000);
    memory.push(useOf(pid).rssMiB);
  }
  const seconds = (performance.now() - started) / 1000;
  const to = Date.now();
  const cpu = (100 * (useOf(pid).cpuSeconds - startup.cpuSeconds)) / seconds;
  // The last beat may still be under way.
  await delay(2_000);
  const up = await metrics.points({ name: 'up', from, to, stepMs: 1_000 });
  const expected = Math.floor((to - from) / INTERVAL_MS);
  const missed = up.reduce(
    (sum, { points }) => sum + Math.max(0, expected - points.filter(([, value]) => value === 1).length),
    0,
  );
  const took = await metrics.points({ name: 'scrape_duration_seconds', from, to, stepMs: 1_000 });
  const durations = took
    .flatMap(({ points }) => points.map(([, value]) => value * 1000))
    .sort((a, b) => a - b);
  const size = await metrics.size();
  printTable(
    `${HOSTS} hosts every ${INTERVAL_MS / 1000} s for ${Math.round(seconds)} s`,
    ['measure', 'value', 'goal'],
    [
      ['CPU of the hub, % of one core', Math.round(cpu * 100) / 100, '< 15'],
      ['missed samples', `${missed} of ${expected * HOSTS}`, '0'],
      ['memory MiB, per minute', memory.map((value) => Math.round(value)).join(' '), 'flat'],
      ['one look, median ms', Math.round(durations[Math.floor(durations.length / 2)] ?? 0), ''],
      ['one look, 99 % ms', Math.round(durations[Math.floor(durations.length * 0.99)] ?? 0), ''],
      ['series', size.series, ''],
      ['CPU seconds until all were looked at twice', startup.cpuSeconds, ''],
    ],
  );
} finally {
  await metrics.close();
  hub.kill();
  await sshd.stop();
}
