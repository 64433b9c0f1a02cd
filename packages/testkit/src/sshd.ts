import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { descendantsNamed } from './processes.ts';
import { makeKey } from './ssh-keys.ts';
import { sshdConfig } from './sshd-config.ts';
import { type Listener, startListener } from './sshd-listener.ts';
import { tempDir } from './temp-dir.ts';

export interface SshdOptions {
  /** Addresses to listen on, default 127.0.0.1; up to 200 (see `loopbackHosts`). */
  listen?: readonly string[];
  /** Further sshd_config lines; they come first, so they win. */
  config?: readonly string[];
  port?: number;
  /** Password and keyboard-interactive logins through PAM (only as root). */
  passwords?: boolean;
  /** Host key types, default ed25519 alone. */
  hostKeys?: readonly ('ed25519' | 'rsa' | 'ecdsa')[];
  /** Logs in this user instead of the current one (see `createUser`). */
  user?: string;
  /** The real home folder with its dot files instead of an empty throw-away one. */
  realHome?: boolean;
}

export interface TestSshd {
  host: string;
  port: number;
  user: string;
  /** Private key that may log in (ed25519, no passphrase). */
  keyPath: string;
  /** `SHA256:…` of the first host key. */
  fingerprint: string;
  /** Public host key lines `type base64`, in the order of `hostKeys`. */
  hostKeys: readonly string[];
  folder: string;
  /** HOME of the commands. */
  home: string;
  /** Pid of the (first) listener. */
  pid: number;
  /** sshd's own log so far. */
  log(): string;
  /** Adds a line to authorized_keys. */
  authorize(publicKey: string): void;
  /** Pids of sshd's processes of connections. */
  sessions(): number[];
  /** kill -9 of sshd's processes of connections, not of the listener nor of the commands. */
  killSessions(): number;
  /** Stops listening; open connections stay. */
  down(): Promise<void>;
  /** Listens again at the same address. */
  up(): Promise<void>;
  stop(): Promise<void>;
}

/** sshd listens on 16 addresses at most: more need further processes of the same configuration. */
const MAX_LISTEN = 16;

/** Starts a real sshd with throw-away keys on a free loopback port; `user` logs in with `keyPath`. */
export async function startSshd(options: SshdOptions = {}): Promise<TestSshd> {
  const listen = options.listen ?? ['127.0.0.1'];
  const port = options.port ?? (await freePort(listen[0]));
  const folder = tempDir('flotilla-sshd-');
  const path = (name: string): string => join(folder.path, name);
  const hostKeys = (options.hostKeys ?? ['ed25519']).map((type) =>
    makeKey({ folder: folder.path, type, name: `host_${type}` }),
  );
  const login = makeKey({ folder: folder.path, name: 'id_ed25519' });
  writeFileSync(path('authorized_keys'), `${login.publicKey}\n`);
  const home = options.realHome || options.user ? undefined : path('home');
  if (home) mkdirSync(home, { mode: 0o700 });
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  if (options.user) openToUsers(folder.path);
  const config = sshdConfig({
    options,
    port,
    folder: folder.path,
    home,
    hostKeyPaths: hostKeys.map(({ path }) => path),
  });
  const lines: string[] = [];
  const groups = Array.from({ length: Math.ceil(listen.length / MAX_LISTEN) }, (_, index) =>
    listen.slice(index * MAX_LISTEN, (index + 1) * MAX_LISTEN),
  );
  groups.forEach((addresses, index) => {
    const listenLines = addresses.map((address) => `ListenAddress ${address}`);
    writeFileSync(path(`sshd_config_${index}`), `${[...config, ...listenLines].join('\n')}\n`);
  });
  const startAll = (): Promise<Listener[]> =>
    Promise.all(
      groups.map(({ length }, index) => startListener(path(`sshd_config_${index}`), length, lines)),
    );
  let listeners = await startAll();
  const pids: number[] = [];
  const sessions = (): number[] => [
    ...new Set([
      ...listeners.flatMap((listener) => descendantsNamed(listener.pid, 'sshd')),
      ...pids.filter((pid) => isSshd(pid)),
    ]),
  ];
  const down = async (): Promise<void> => {
    pids.push(...sessions());
    await Promise.all(listeners.map((listener) => listener.stop()));
    listeners = [];
  };
  const killSessions = (): number => {
    const found = sessions();
    for (const pid of found) kill(pid);
    return found.length;
  };
  return {
    host: listen[0] ?? '127.0.0.1',
    port,
    user: options.user ?? userInfo().username,
    keyPath: login.path,
    fingerprint: hostKeys[0]?.fingerprint ?? '',
    hostKeys: hostKeys.map((key) => key.publicKey.split(' ').slice(0, 2).join(' ')),
    folder: folder.path,
    home: home ?? userInfo().homedir,
    get pid() {
      return listeners[0]?.pid ?? 0;
    },
    log: () => lines.join('\n'),
    authorize: (publicKey) => appendFileSync(path('authorized_keys'), `${publicKey}\n`),
    sessions,
    killSessions,
    down,
    up: async () => {
      listeners = await startAll();
    },
    stop: async () => {
      await down();
      killSessions();
      folder.remove();
    },
  };
}

/** sshd reads authorized_keys with the rights of the user who logs in. */
function openToUsers(folder: string): void {
  chmodSync(folder, 0o755);
  chmodSync(join(folder, 'authorized_keys'), 0o644);
}

function isSshd(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sshd\n';
  } catch {
    return false;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}
