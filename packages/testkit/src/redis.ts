import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { whyNoProgram } from './apt-package.ts';
import { type ChildDaemon, startDaemon } from './child-daemon.ts';
import { freePort } from './free-port.ts';
import { tempDir } from './temp-dir.ts';

export interface RedisServerOptions {
  /** The append-only file: everysec (default), always, or none at all. */
  appendFsync?: 'everysec' | 'always' | 'none';
  password?: string;
  /** Further settings of redis.conf, e.g. `{ maxmemory: '8mb' }`. */
  settings?: Readonly<Record<string, string>>;
  port?: number;
  /** Where its files are; default an own folder, removed at the end. */
  folder?: string;
}

/** A redis-server of its own on loopback. */
export interface TestRedis {
  port: number;
  /** With the password. */
  url: string;
  folder: string;
  pid: number;
  log(): string;
  /** One command by the inline form; resolves with the raw reply. */
  command(...words: readonly string[]): Promise<string>;
  /** `kill -9`: what was not written is lost. */
  kill(): Promise<void>;
  /** Starts it again on the same port and files. */
  start(): Promise<void>;
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

/** Why no Redis can be started here; undefined when it can. */
export const whyNoRedis = (): string | undefined => whyNoProgram('redis-server', 'redis-server');

export async function startRedis(options: RedisServerOptions = {}): Promise<TestRedis> {
  const reason = whyNoRedis();
  if (reason) throw new Error(reason);
  const own = options.folder === undefined ? tempDir('flotilla-redis-') : undefined;
  const folder = options.folder ?? own?.path ?? '';
  const port = options.port ?? (await freePort());
  const { appendFsync = 'everysec', password, settings = {} } = options;
  const flags = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    'maxmemory-policy': 'noeviction',
    ...(appendFsync === 'none' ? { appendonly: 'no' } : { appendonly: 'yes', appendfsync: appendFsync }),
    ...(password !== undefined && { requirepass: password }),
    ...settings,
  };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  const command = (...words: readonly string[]): Promise<string> =>
    ask(port, [...(password === undefined ? [] : [['AUTH', password]]), [...words]]);
  const start = (): Promise<ChildDaemon> =>
    startDaemon({
      command: ['redis-server', ...args],
      logPath: join(folder, 'redis.log'),
      ready: () =>
        command('PING').then(
          (reply) => reply.includes('PONG'),
          () => false,
        ),
    });
  let daemon = await start();
  const signal = (name: NodeJS.Signals): void => void process.kill(daemon.pid, name);
  return {
    port,
    url: `redis://${password === undefined ? '' : `:${encodeURIComponent(password)}@`}127.0.0.1:${port}/0`,
    folder,
    get pid() {
      return daemon.pid;
    },
    log: () => {
      const path = join(folder, 'redis.log');
      return existsSync(path) ? readFileSync(path, 'utf8') : '';
    },
    command,
    kill: async () => {
      signal('SIGKILL');
      await daemon.stop();
    },
    start: async () => {
      daemon = await start();
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    stop: async () => {
      await daemon.stop(500);
      own?.remove();
    },
  };
}

/** Commands in RESP (redis.io/docs/latest/develop/reference/protocol-spec), one connection; the last reply, raw. */
function ask(port: number, commands: readonly (readonly string[])[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const words = [...commands, ['QUIT']];
    const encode = (command: readonly string[]): string =>
      `*${command.length}\r\n${command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
    let reply = '';
    socket.setTimeout(5_000, () => socket.destroy(new Error('no reply')));
    socket.on('data', (chunk) => {
      reply += chunk.toString('utf8');
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(reply.replace(/^(\+OK\r\n)(?=.)/s, '').replace(/\+OK\r\n$/, '')));
    socket.write(words.map(encode).join(''));
  });
}
