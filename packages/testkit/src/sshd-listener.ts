import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';

export interface Listener {
  pid: number;
  stop(): Promise<void>;
}

const SETPRIV = '/usr/bin/setpriv';
const DIES_WITH_US = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'TERM', '--'] : [];

/** Starts one sshd process and waits until it listens on all its addresses. */
export async function startListener(configPath: string, addresses: number, log: string[]): Promise<Listener> {
  const [program = '', ...args] = [...DIES_WITH_US, '/usr/sbin/sshd', '-D', '-e', '-f', configPath];
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  await listening(child, addresses, log);
  return { pid: child.pid ?? 0, stop: () => stop(child) };
}

function listening(child: ChildProcess, addresses: number, log: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    if (!child.stderr) return reject(new Error('sshd has no stderr'));
    let missing = addresses;
    createInterface({ input: child.stderr }).on('line', (line) => {
      log.push(line);
      if (line.startsWith('Server listening') && --missing === 0) resolve();
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`sshd ended with ${code}: ${log.slice(-20).join('\n')}`)));
  });
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
