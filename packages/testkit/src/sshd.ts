import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './free-port.ts';

export interface SshdOptions {
  /** Addresses to listen on, default 127.0.0.1. */
  listen?: readonly string[];
  /** Further sshd_config lines; they come first, so they win. */
  config?: readonly string[];
  port?: number;
}

export interface TestSshd {
  host: string;
  port: number;
  user: string;
  /** Private key that may log in (ed25519, no passphrase). */
  keyPath: string;
  /** `SHA256:…` of the ed25519 host key. */
  fingerprint: string;
  folder: string;
  /** Pid of the listener. */
  pid: number;
  /** sshd's own log so far. */
  log(): string;
  stop(): Promise<void>;
}

const keygen = (file: string, type = 'ed25519', passphrase = ''): void => {
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'testkit', '-f', file]);
};

/** Starts a real sshd with throw-away keys on a free loopback port; the current user logs in with `keyPath`. */
export async function startSshd(options: SshdOptions = {}): Promise<TestSshd> {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-sshd-'));
  const listen = options.listen ?? ['127.0.0.1'];
  const port = options.port ?? (await freePort());
  const hostKey = join(folder, 'host_ed25519');
  const keyPath = join(folder, 'id_ed25519');
  const authorizedKeys = join(folder, 'authorized_keys');
  keygen(hostKey);
  keygen(keyPath);
  execFileSync('cp', [`${keyPath}.pub`, authorizedKeys]);
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const config = [
    ...(options.config ?? []),
    ...listen.map((address) => `ListenAddress ${address}`),
    `Port ${port}`,
    `HostKey ${hostKey}`,
    `AuthorizedKeysFile ${authorizedKeys}`,
    `PidFile ${join(folder, 'pid')}`,
    'StrictModes no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'UsePAM no',
    'LogLevel VERBOSE',
    'Subsystem sftp internal-sftp',
  ];
  writeFileSync(join(folder, 'sshd_config'), `${config.join('\n')}\n`);
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'sshd_config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lines: string[] = [];
  await listening(child, lines);
  const fingerprint =
    execFileSync('ssh-keygen', ['-lf', `${hostKey}.pub`], { encoding: 'utf8' }).split(' ')[1] ?? '';
  return {
    host: listen[0] ?? '127.0.0.1',
    port,
    user: userInfo().username,
    keyPath,
    fingerprint,
    folder,
    pid: child.pid ?? 0,
    log: () => lines.join('\n'),
    stop: () => stop(child, folder),
  };
}

function listening(child: ChildProcess, lines: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    if (!child.stderr) return reject(new Error('sshd has no stderr'));
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      if (line.startsWith('Server listening')) resolve();
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`sshd ended with ${code}: ${lines.join('\n')}`)));
  });
}

function stop(child: ChildProcess, folder: string): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      rmSync(folder, { recursive: true, force: true });
      resolve();
    };
    if (child.exitCode !== null || child.signalCode !== null) return done();
    child.once('exit', done);
    child.kill('SIGTERM');
  });
}
