import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { freePort, startRedis, startSshd, type TestRedis, type TestSshd } from '@flotilla/testkit';
import { Client } from 'sdk-v1-32/client/index.js';
import { StreamableHTTPClientTransport } from 'sdk-v1-32/client/streamableHttp.js';
import {
  addHost,
  callsOf,
  hubMain,
  node,
  serverMain,
  sourceArguments,
  type TestClient,
  type TestHome,
  testHome,
} from './hub.ts';

const execFileAsync = promisify(execFile);

const HUB_TOKEN = 'the-token-of-the-client-0123456789';
const LANES = ['ssh-exec', 'sftp', 'docker', 'monitoring'] as const;
type Lane = (typeof LANES)[number];

const EXEC: readonly Lane[] = ['ssh-exec'];

/** A process of the stack. */
export interface StackProcess {
  child: ChildProcess;
  home: TestHome;
  said(): string;
  signal(name: NodeJS.Signals): void;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  exited: Promise<number | null>;
}

export interface StackHub extends StackProcess {
  url: string;
  client: TestClient;
}

export interface StackOptions {
  /** Servers that are delegated to workers; default ssh-exec. */
  delegated?: readonly Lane[];
  /** Of them, those whose calls a server process answers, by their port. */
  answering?: Partial<Record<Lane, number>>;
  env?: Record<string, string>;
  /** Servers that are not there at all. */
  without?: readonly Lane[];
  /** More of the host web1. */
  host?: Record<string, unknown>;
}

export interface Stack {
  sshd: TestSshd;
  redis: TestRedis;
  home: TestHome;
  hub: StackHub;
  /** The token of the tokens folder for a lane. */
  tokenOf(lane: Lane): string;
  /** Starts the hub again on its port, after it was killed. */
  startHub(): Promise<StackHub>;
  worker(options?: WorkerOptions): Promise<StackProcess>;
  /** A server of ours, as compose starts it. */
  server(lane: Lane, port: number, env?: Record<string, string>): Promise<StackProcess>;
  /** `flotilla ARGS` on the hub's data folder: what it prints. */
  cli(args: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

export interface WorkerOptions {
  lanes?: readonly Lane[];
  labels?: string;
  token?: string;
  hubUrl?: string;
  redisUrl?: string;
  env?: Record<string, string>;
}

/** A real sshd registered as web1, a real Redis and a hub over HTTP whose servers are delegated to workers. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { delegated = EXEC, answering = {}, without = [], env = {} } = options;
  const [sshd, redis, hubPort] = await Promise.all([
    startSshd(),
    startRedis({ password: 'redis-secret' }),
    freePort(),
  ]);
  const home = testHome({ FLOTILLA_SYNC_TIMEOUT_MS: '1500', ...env });
  const data = join(home.path, '.config', 'flotilla');
  const tokens = join(home.path, 'worker-tokens');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  mkdirSync(tokens);
  const tokenOf = (lane: Lane): string => `worker-token-of-${lane}-0123456789`;
  for (const lane of LANES) writeFileSync(join(tokens, lane), `${tokenOf(lane)}\n`, { mode: 0o600 });
  const mcpServers = Object.fromEntries(
    LANES.filter((lane) => !without.includes(lane)).map((lane) => {
      const port = answering[lane];
      const url = port === undefined ? {} : { url: `http://127.0.0.1:${port}/mcp` };
      return [lane, delegated.includes(lane) ? { worker: true, ...url } : {}] as const;
    }),
  );
  writeFileSync(join(data, 'config.json'), JSON.stringify({ mcpServers }));
  const processes: StackProcess[] = [];

  const startHub = async (): Promise<StackHub> => {
    const url = `http://127.0.0.1:${hubPort}/mcp`;
    const started = await start(home, [hubMain, 'serve', '--http', '--port', String(hubPort)], 'ready at', {
      FLOTILLA_HTTP_TOKEN: HUB_TOKEN,
      FLOTILLA_REDIS_URL: redis.url,
      FLOTILLA_WORKER_TOKENS_DIR: tokens,
    });
    processes.push(started);
    const client = new Client({ name: 'flotilla-test', version: '1.0.0' });
    const headers = { Authorization: `Bearer ${HUB_TOKEN}` };
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
    return { ...started, url, client: callsOf(client) };
  };
  const stack: Stack = {
    sshd,
    redis,
    home,
    hub: await startHub(),
    tokenOf,
    async startHub() {
      stack.hub = await startHub();
      return stack.hub;
    },
    async worker({ lanes = EXEC, labels, token, hubUrl, redisUrl, env: more = {} } = {}) {
      const args = [hubMain, 'worker', '--lanes', lanes.join(','), ...(labels ? ['--labels', labels] : [])];
      const started = await start(testHome(), args, 'takes runs of', {
        FLOTILLA_HUB_URL: hubUrl ?? stack.hub.url,
        FLOTILLA_REDIS_URL: redisUrl ?? redis.url,
        FLOTILLA_WORKER_TOKEN: token ?? tokenOf(lanes[0] ?? 'ssh-exec'),
        ...more,
      });
      processes.push(started);
      return started;
    },
    async server(lane, port, more = {}) {
      const args = [serverMain(lane), '--http', '--port', String(port)];
      const started = await start(testHome(), args, 'answers at', {
        FLOTILLA_HUB_URL: stack.hub.url,
        FLOTILLA_REDIS_URL: redis.url,
        FLOTILLA_WORKER_TOKEN_FILE: join(tokens, lane),
        ...more,
      });
      processes.push(started);
      return started;
    },
    cli: async (args) => {
      const env = { ...home.env, FLOTILLA_REDIS_URL: redis.url, FLOTILLA_WORKER_TOKENS_DIR: tokens };
      const { stdout } = await execFileAsync(node, [...sourceArguments, hubMain, ...args], { env });
      return stdout;
    },
    async stop() {
      await stack.hub.client.close().catch(() => undefined);
      for (const one of processes.reverse()) {
        one.signal('SIGCONT');
        await one.kill();
        if (one.home !== home) one.home.remove();
      }
      await Promise.all([sshd.stop(), redis.stop()]);
      home.remove();
    },
  };
  await addHost(stack.hub.client, home, sshd, 'web1', options.host);
  return stack;
}

async function start(
  home: TestHome,
  args: readonly string[],
  ready: string,
  env: Record<string, string>,
): Promise<StackProcess> {
  const child = spawn(node, [...sourceArguments, ...args], {
    env: { ...home.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => {
        said += `${line}\n`;
        if (line.includes(ready)) resolve();
      });
    child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}: ${said}`)));
  });
  const signal = (name: NodeJS.Signals): void => void child.kill(name);
  return {
    child,
    home,
    said: () => said,
    signal,
    exited,
    kill: async () => {
      signal('SIGKILL');
      await exited;
    },
    stop: () => {
      signal('SIGTERM');
      return exited;
    },
  };
}
