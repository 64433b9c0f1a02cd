// Detached commands without the engine above them: latency beside raw ssh2 exec taken in turns, over a slow link, and throughput.
import { type HostDirectory, type HostRecord, silentLogger } from '@flotilla/core';
import { createCommandRunner, createHostLinks, createShell } from '@flotilla/ssh';
import { startProxy, startSshd } from '@flotilla/testkit';
import { treeCpuMs } from './lib/host-cpu.ts';
import { concurrent, median, quantile } from './lib/stats.ts';
import { rawSsh2 } from './lib/subjects.ts';
import { printTable } from './lib/table.ts';

const CALLS = 300;
const RTT_MS = 40;
const sshd = await startSshd();
const proxy = await startProxy({ port: sshd.port, delayMs: RTT_MS / 2 });

function open(port: number) {
  const { host, user, keyPath } = sshd;
  const base = { alias: 'h', host, port, user, keyPath, hostKeys: [], revision: 1 };
  const record: HostRecord = { ...base, sudo: 'none', transport: 'ssh' };
  const directory: HostDirectory = { record: () => record, pinHostKey: async () => undefined };
  const input = { links: createHostLinks({ directory, log: silentLogger }), directory, log: silentLogger };
  return { links: input.links, runner: createCommandRunner(input), shell: createShell(input) };
}

let serial = 0;
const durable = (port: number) => {
  const { links, runner, shell } = open(port);
  const run = async (): Promise<void> => {
    serial += 1;
    let out = '';
    const onOutput = (_stream: string, _offset: number, chunk: Uint8Array): void => {
      out += Buffer.from(chunk);
    };
    const state = await runner.start(
      'h',
      `bench${process.pid}-${serial}`,
      { command: `echo n${serial}` },
      { onOutput },
    );
    if (state.state !== 'ended' || out !== `n${serial}\n`) throw new Error(`wrong: ${JSON.stringify(state)}`);
  };
  const script = async (): Promise<void> => {
    if ((await shell('h', 'echo x')).stdout !== 'x\n') throw new Error('wrong output');
  };
  const concurrentRun = async (): Promise<void> => {
    serial += 1;
    const state = await runner.start('h', `bench${process.pid}-${serial}`, { command: 'echo x' }, {});
    if (state.state !== 'ended' || state.outcome.exitCode !== 0) throw new Error(JSON.stringify(state));
  };
  return { links, runner, run, script, concurrentRun };
};

/** Takes turns, so that the load of the machine is the same for all. */
async function inTurns(calls: number, subjects: Record<string, () => Promise<void>>) {
  const times = Object.fromEntries(Object.keys(subjects).map((name) => [name, [] as number[]]));
  for (let index = -10; index < calls; index += 1) {
    for (const [name, call] of Object.entries(subjects)) {
      const started = performance.now();
      await call();
      if (index >= 0) times[name]?.push(performance.now() - started);
    }
  }
  return times;
}

for (const [title, port, calls] of [
  ['One after the other, same machine (ms)', sshd.port, CALLS],
  [`One after the other, ${RTT_MS} ms round trip (ms)`, proxy.port, 30],
] as const) {
  const ours = durable(port);
  const raw = await rawSsh2({ ...sshd, port });
  const times = await inTurns(calls, {
    'raw ssh2 exec': () => raw.exec('x'),
    'durable command': ours.run,
    'script on the fast channel': ours.script,
  });
  const base = median(times['raw ssh2 exec'] ?? []);
  const rows = Object.entries(times).map(([name, all]) => [
    name,
    median(all),
    quantile(all, 0.95),
    median(all) / base,
  ]);
  printTable(title, ['', 'p50', 'p95', '× raw'], rows);
  await ours.links.close();
  await raw.close();
}

// In turns too: a stock sshd takes 10 sessions per connection, so raw exec can have 8 in flight on one.
const ours = durable(sshd.port);
const raw = await rawSsh2({ ...sshd });
await ours.run();
const rows: (string | number)[][] = [];
for (const round of [1, 2, 3]) {
  for (const [name, inFlight, call] of [
    ['raw ssh2 exec', 8, () => raw.exec('x')],
    ['durable command', 16, ours.concurrentRun],
  ] as const) {
    const cpu = process.cpuUsage();
    const hostBefore = treeCpuMs(sshd.pid);
    const result = await concurrent(400, inFlight, call);
    const { user, system } = process.cpuUsage(cpu);
    rows.push([
      `${name}, ${inFlight} in flight, round ${round}`,
      result.perSecond,
      result.failed,
      (user + system) / 4e5,
      (treeCpuMs(sshd.pid) - hostBefore) / 400,
    ]);
  }
}
const forgotten = Array.from({ length: 400 }, (_, index) => `bench${process.pid}-${serial - index}`);
const hostBefore = treeCpuMs(sshd.pid);
await ours.runner.forget('h', forgotten);
const forgetMs = (treeCpuMs(sshd.pid) - hostBefore) / forgotten.length;
printTable(
  '400 commands, stock sshd',
  ['', 'per second', 'failed', 'CPU here, ms each', 'CPU on the host'],
  rows,
);
printTable('Forgetting 400 commands', ['', 'CPU on the host, ms each'], [['durable command', forgetMs]]);
await ours.links.close();
await raw.close();
await proxy.stop();
await sshd.stop();
