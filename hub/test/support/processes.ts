import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const fixturePath = (name: string): string => join(import.meta.dirname, '..', 'fixtures', name);

/** Command line that runs a fixture from its source. */
export const fixtureCommand = (name: string, ...args: string[]): { command: string; args: string[] } => ({
  command: process.execPath,
  args: ['--conditions=@flotilla/source', fixturePath(name), ...args],
});

export interface Started {
  pid: number;
  process: ChildProcess;
  /** kill -9, and wait for its end. */
  kill(): Promise<void>;
  /** SIGTERM, and wait for its end. */
  end(): Promise<void>;
}

/** Starts a fixture and resolves when it says `ready` on stderr. */
export function startFixture(ready: string, name: string, ...args: string[]): Promise<Started> {
  const fixture = fixtureCommand(name, ...args);
  return startProcess(ready, fixture.command, fixture.args);
}

/** Starts a program and resolves when it says `ready` on stderr. */
export async function startProcess(
  ready: string,
  command: string,
  args: readonly string[],
  env: Record<string, string | undefined> = process.env,
): Promise<Started> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], env });
  const lines: string[] = [];
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      if (line.includes(ready)) resolve();
    });
    child.once('exit', () => reject(new Error(`it ended: ${lines.join('\n')}`)));
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  return { pid: child.pid ?? 0, process: child, kill: () => end('SIGKILL'), end: () => end('SIGTERM') };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
