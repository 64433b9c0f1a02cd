// Transfers beside OpenSSH sftp and rsync, in turns on the same folders. Ours verify every file by sha256, the peers do not.
// Arguments: --folder /dev/shm  --rounds 5  --only up|down|64|2,000 …
import { spawn } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FlotillaError, type HostDirectory, type HostRecord, silentLogger } from '@flotilla/core';
import { createHostLinks, createTransfers } from '@flotilla/ssh';
import { startProxy, startSshd } from '@flotilla/testkit';
import { type Cell, printTable } from './lib/table.ts';

const MIB = 1024 * 1024;
const RTT_MS = 40;
const { values } = parseArgs({
  options: { folder: { type: 'string' }, rounds: { type: 'string', default: '5' }, only: { type: 'string' } },
});
const rounds = Number(values.rounds);
const base = values.folder ?? (existsSync('/dev/shm') ? '/dev/shm' : tmpdir());
const root = mkdtempSync(join(base, 'flotilla-bench-'));
const [here, there] = [join(root, 'here'), join(root, 'there')];
for (const path of [here, there]) mkdirSync(path);

const sshd = await startSshd();
const slow = await startProxy({ port: sshd.port, delayMs: RTT_MS / 2 });
const ports: Record<string, number> = { near: sshd.port, far: slow.port };
const directory: HostDirectory = {
  record(alias): HostRecord {
    const port = ports[alias];
    if (port === undefined) throw new FlotillaError('NOT_FOUND', `No host ${alias}.`);
    const { host, user, keyPath, fingerprint } = sshd;
    const hostKeys = [{ type: 'ssh-ed25519', fingerprint }];
    return { alias, host, port, user, keyPath, hostKeys, sudo: 'none', transport: 'ssh', revision: 1 };
  },
  pinHostKey: async () => {},
};
const links = createHostLinks({ directory, log: silentLogger });
const transfer = createTransfers(links);

const ours = async (
  alias: string,
  direction: 'upload' | 'download',
  from: string,
  to: string,
): Promise<void> => {
  const files = [direction === 'upload' ? { local: from, remote: to } : { local: to, remote: from }];
  const access = { roots: [here], dataDir: join(root, 'data') };
  const summary = await transfer({ alias, direction, files, access });
  if (summary.failed > 0) throw new Error(JSON.stringify(summary.failures[0]));
};

const sshOptions = (port: number): string[] => [
  ...['-i', sshd.keyPath, '-o', `Port=${port}`, '-o', 'StrictHostKeyChecking=no'],
  ...['-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR', '-o', 'BatchMode=yes'],
];

function run(command: string, args: string[], input = ''): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'inherit'] });
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}`)),
    );
    child.stdin.end(input);
  });
}

const sftp = (alias: string, line: string): Promise<void> =>
  run('sftp', ['-q', ...sshOptions(ports[alias] ?? 0), '-b', '-', `${sshd.user}@${sshd.host}`], `${line}\n`);
const rsync = (from: string, to: string): Promise<void> =>
  run('rsync', ['-a', '-e', ['ssh', ...sshOptions(sshd.port)].join(' '), from, to]);
const remote = (path: string): string => `${sshd.user}@${sshd.host}:${path}`;

const [up, down] = [join(there, 'up'), join(here, 'down')];
const clear = (): void => {
  for (const path of [up, down]) rmSync(path, { recursive: true, force: true });
};

interface Duel {
  name: string;
  /** What is moved, and its unit per second. */
  amount: number;
  unit: string;
  peer: string;
  goal: number;
  mine(): Promise<void>;
  theirs(): Promise<void>;
}

const file = (name: string, size: number): { local: string; far: string } => {
  const paths = { local: join(here, name), far: join(there, name) };
  const content = randomFillSync(Buffer.allocUnsafeSlow(size));
  for (const path of Object.values(paths)) writeFileSync(path, content);
  return paths;
};
const big = file('big', 256 * MIB);
const mid = file('mid', 64 * MIB);
const many = { local: join(here, 'many'), far: join(there, 'many') };
mkdirSync(many.local);
for (let i = 0; i < 2000; i++) {
  writeFileSync(join(many.local, `f${i}`), randomFillSync(Buffer.allocUnsafe(4096)));
}
cpSync(many.local, many.far, { recursive: true });

const wholeFile = (alias: string, { local, far }: typeof big, size: number, goal: number): Duel[] => {
  const at = alias === 'far' ? `, RTT ${RTT_MS} ms` : '';
  const common = { amount: size, unit: 'MiB/s', peer: 'OpenSSH sftp', goal };
  return [
    {
      ...common,
      name: `${size} MiB up${at}`,
      mine: () => ours(alias, 'upload', local, up),
      theirs: () => sftp(alias, `put ${local} ${up}`),
    },
    {
      ...common,
      name: `${size} MiB down${at}`,
      mine: () => ours(alias, 'download', far, down),
      theirs: () => sftp(alias, `get ${far} ${down}`),
    },
  ];
};
const duels: Duel[] = [
  ...wholeFile('near', big, 256, 1),
  ...wholeFile('far', mid, 64, 3),
  {
    name: '2,000 x 4 KiB up',
    amount: 2000,
    unit: 'files/s',
    peer: 'rsync -a',
    goal: 1.5,
    mine: () => ours('near', 'upload', many.local, up),
    theirs: () => rsync(`${many.local}/`, remote(up)),
  },
  {
    name: '2,000 x 4 KiB down',
    amount: 2000,
    unit: 'files/s',
    peer: 'rsync -a',
    goal: 3,
    mine: () => ours('near', 'download', many.far, down),
    theirs: () => rsync(remote(`${many.far}/`), down),
  },
];

/** Best of the rounds in milliseconds; the two take turns, so that a busy moment hits both. */
async function fight({ name, amount, unit, peer, goal, mine, theirs }: Duel): Promise<Cell[]> {
  const best: [number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < rounds; round++) {
    for (const [index, work] of [mine, theirs].entries()) {
      clear();
      const start = performance.now();
      await work();
      best[index] = Math.min(best[index] ?? 0, performance.now() - start);
    }
  }
  const rate = (ms: number): string => `${((amount / ms) * 1000).toFixed(0)} ${unit}`;
  return [name, rate(best[0]), peer, rate(best[1]), best[1] / best[0], goal];
}

try {
  const rows: Cell[][] = [];
  for (const duel of duels) if (duel.name.includes(values.only ?? '')) rows.push(await fight(duel));
  printTable(
    `Transfers in ${base}, best of ${rounds}; ours verified by sha256`,
    ['what', 'flotilla', 'peer', 'its rate', 'ratio', 'goal'],
    rows,
  );
} finally {
  await links.close();
  await slow.stop();
  await sshd.stop();
  rmSync(root, { recursive: true, force: true });
}
