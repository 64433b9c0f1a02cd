// Commands: latency warm, over a slow link, and throughput; every subject started beside us in one run.
import { startProxy, startSshd, type TestSshd } from '@flotilla/testkit';
import { treeCpuMs } from './lib/host-cpu.ts';
import { concurrent, median, quantile, sequential } from './lib/stats.ts';
import {
  controlMaster,
  flotilla,
  orchestrator,
  rawSsh2,
  type Subject,
  sshMcp,
  type Target,
} from './lib/subjects.ts';
import { printTable } from './lib/table.ts';

const OPENERS = [rawSsh2, flotilla, controlMaster, sshMcp, orchestrator];
const CALLS: Record<string, number> = {
  rawSsh2: 300,
  flotilla: 300,
  controlMaster: 100,
  sshMcp: 60,
  orchestrator: 30,
};
const RTT_MS = 40;

const only = process.argv.slice(2);
const wanted = OPENERS.filter((open) => only.length === 0 || only.includes(open.name));

let serial = 0;
const unique = (): string => `n${process.pid}x${serial++}`;

async function withSubjects(
  target: Target,
  run: (open: string, subject: Subject) => Promise<void>,
): Promise<void> {
  for (const open of wanted) {
    let subject: Subject | undefined;
    try {
      subject = await open(target);
      await run(open.name, subject);
    } catch (error) {
      process.stderr.write(`${open.name}: ${error instanceof Error ? error.message : String(error)}\n`);
    } finally {
      await subject?.close();
    }
  }
}

const targetOf = (sshd: TestSshd, port = sshd.port): Target => ({ ...sshd, port });

async function latency(title: string, target: Target, share: number): Promise<void> {
  const times = new Map<string, { name: string; ms: number[] }>();
  await withSubjects(target, async (open, subject) => {
    const calls = Math.max(10, Math.round((CALLS[open] ?? 50) * share));
    const ms = await sequential(calls, Math.min(20, calls), () => subject.exec(unique()));
    times.set(open, { name: subject.name, ms });
  });
  const base = median(times.get('rawSsh2')?.ms ?? []);
  const rows = [...times.values()].map(({ name, ms }) => [
    name,
    median(ms),
    quantile(ms, 0.95),
    median(ms) / base,
  ]);
  printTable(title, ['subject', 'p50 ms', 'p95 ms', '× raw ssh2'], rows);
}

async function throughput(target: Target, sshdPid: number): Promise<void> {
  const rows: (string | number)[][] = [];
  await withSubjects(target, async (open, subject) => {
    const calls = open === 'flotilla' || open === 'rawSsh2' ? 1000 : 200;
    await subject.exec(unique());
    const before = treeCpuMs(sshdPid);
    const { perSecond, failed, firstFailure } = await concurrent(calls, 16, () => subject.exec(unique()));
    rows.push([subject.name, perSecond, `${failed} of ${calls}`, (treeCpuMs(sshdPid) - before) / calls]);
    if (firstFailure) process.stderr.write(`${subject.name}: ${firstFailure}\n`);
  });
  printTable(
    'Commands at 16 in flight, stock sshd',
    ['subject', 'commands/s', 'refused', 'CPU on the host, ms each'],
    rows,
  );
}

const sshd = await startSshd();
const proxy = await startProxy({ port: sshd.port, delayMs: RTT_MS / 2 });
try {
  await latency('One command, warm, loopback', targetOf(sshd), 1);
  await latency(`One command, warm, ${RTT_MS} ms round trip`, targetOf(sshd, proxy.port), 0.15);
  await throughput(targetOf(sshd), sshd.pid);
} finally {
  await proxy.stop();
  await sshd.stop();
}
