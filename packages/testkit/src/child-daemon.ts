import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { waitFor } from './wait-for.ts';

const SETPRIV = '/usr/bin/setpriv';
/** A daemon ends with the tests even when those are killed. */
const DIES_WITH_US = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'TERM', '--'] : [];

export interface ChildDaemon {
  pid: number;
  log(): string;
  /** TERM, then KILL after the grace. */
  stop(graceMs?: number): Promise<void>;
}

/** Starts a program that stays in the foreground, its output in a file; ready when `ready` resolves truthy. */
export async function startDaemon(options: {
  command: readonly string[];
  logPath: string;
  env?: Record<string, string>;
  ready(): unknown;
}): Promise<ChildDaemon> {
  const { command, logPath } = options;
  const output = openSync(logPath, 'a', 0o600);
  const [program = '', ...args] = [...DIES_WITH_US, ...command];
  const child = spawn(program, args, {
    stdio: ['ignore', output, output],
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...options.env },
  });
  closeSync(output);
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      reject(new Error(`${command[0]} ended with ${code ?? signal}: ${tail(logPath)}`)),
    );
  });
  failed.catch(() => undefined);
  const isReady = waitFor(() => options.ready() as boolean, {
    timeoutMs: 30_000,
    intervalMs: 30,
    what: command[0] ?? '',
  });
  try {
    await Promise.race([isReady, failed]);
  } catch (error) {
    isReady.catch(() => undefined);
    await stop(child, 2000);
    throw error;
  }
  return {
    pid: child.pid ?? 0,
    log: () => readFileSync(logPath, 'utf8'),
    stop: (graceMs = 10_000) => stop(child, graceMs),
  };
}

const tail = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8').slice(-2000) : '');

function stop(child: ChildProcess, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return resolve();
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
