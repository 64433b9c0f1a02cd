import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from './temp-dir.ts';
import { waitFor } from './wait-for.ts';

export interface TestAgent {
  /** Path of the agent's socket. */
  socket: string;
  /** Adds an unencrypted private key. */
  add(keyPath: string): void;
  stop(): Promise<void>;
}

/** A real ssh-agent on its own socket, holding the keys given. */
export async function startAgent(keyPaths: readonly string[] = []): Promise<TestAgent> {
  const folder = tempDir('flotilla-agent-');
  const socket = join(folder.path, 'agent.sock');
  const child = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  await waitFor(() => existsSync(socket), { what: 'ssh-agent to listen' });
  const add = (keyPath: string): void => {
    execFileSync('ssh-add', ['-q', keyPath], {
      env: { ...process.env, SSH_AUTH_SOCK: socket },
      stdio: 'ignore',
    });
  };
  for (const keyPath of keyPaths) add(keyPath);
  return {
    socket,
    add,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => {
          folder.remove();
          resolve();
        });
        child.kill('SIGTERM');
      }),
  };
}
