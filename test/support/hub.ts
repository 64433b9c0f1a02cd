import { chmodSync, copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestSshd, tempDir } from '@flotilla/testkit';
import { Client } from 'sdk-v1-32/client/index.js';
import { StdioClientTransport } from 'sdk-v1-32/client/stdio.js';
import { root } from '../rules/sources.ts';

export const node = join(root, 'node_modules', 'node', 'bin', 'node');
/** The test command makes the bundles that users launch; a single test file runs the sources as they are. */
const bundled = process.env['FLOTILLA_TEST_BUNDLES'] === '1';
const main = bundled ? 'dist/main.js' : 'src/main.ts';
export const sourceArguments = bundled
  ? []
  : ['--conditions=@flotilla/source', '--disable-warning=ExperimentalWarning'];
export const serverMain = (name: 'ssh-exec' | 'sftp' | 'docker' | 'monitoring'): string =>
  join(root, 'servers', name, main);
export const hubMain = join(root, 'hub', main);

export interface ToolResult {
  isError?: boolean;
  structuredContent?: Record<string, unknown>;
  content: { type: string; text?: string }[];
}

export interface CallOptions {
  onprogress?: (progress: { progress: number; message?: string | undefined }) => void;
  signal?: AbortSignal;
  timeout?: number;
}

export interface TestClient {
  client: Client;
  call(name: string, args?: Record<string, unknown>, options?: CallOptions): Promise<ToolResult>;
  /** The structured answer of a call that must have worked. */
  ok<T = Record<string, unknown>>(name: string, args?: Record<string, unknown>): Promise<T>;
  close(): Promise<void>;
}

export interface TestHub extends TestClient {
  pid: number;
  stderr(): string;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
}

/** A home folder for hubs: data folder, keys and all. */
export interface TestHome {
  path: string;
  env: Record<string, string>;
  /** Copies a private key to where a hub may use it. */
  addKey(path: string, name?: string): string;
  remove(): void;
}

export function testHome(env: Record<string, string> = {}): TestHome {
  const folder = tempDir('flotilla-home-');
  const ssh = join(folder.path, '.ssh');
  mkdirSync(ssh, { mode: 0o700 });
  return {
    path: folder.path,
    env: { HOME: folder.path, PATH: process.env['PATH'] ?? '', LOG_LEVEL: 'warn', ...env },
    addKey: (path, name = 'id_test') => {
      const copy = join(ssh, name);
      copyFileSync(path, copy);
      chmodSync(copy, 0o600);
      return copy;
    },
    remove: () => folder.remove(),
  };
}

/** Starts the hub as a client does, over stdio, from source. */
export const startHub = (home: TestHome, env: Record<string, string> = {}): Promise<TestHub> =>
  startStdio(home, [hubMain, 'serve', '--stdio'], env);

/** Starts a server of ours, or the hub, over stdio: `program` is its main file and its arguments. */
export async function startStdio(
  home: TestHome,
  program: readonly string[],
  env: Record<string, string> = {},
): Promise<TestHub> {
  const transport = new StdioClientTransport({
    command: node,
    args: [...sourceArguments, ...program],
    env: { ...home.env, ...env },
    stderr: 'pipe',
  });
  let stderr = '';
  transport.stderr?.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const client = new Client({ name: 'flotilla-test', version: '1.0.0' });
  const closed = new Promise<void>((resolve) => {
    client.onclose = resolve;
  });
  await client.connect(transport).catch((error: unknown) => {
    throw new Error(`${program.join(' ')} did not start: ${stderr || String(error)}`);
  });
  return {
    ...callsOf(client),
    pid: transport.pid ?? 0,
    stderr: () => stderr,
    kill: async () => {
      process.kill(transport.pid ?? 0, 'SIGKILL');
      await closed;
    },
  };
}

/** A client that is connected, as tests call it. */
export function callsOf(client: Client): TestClient {
  const call = async (
    name: string,
    args: Record<string, unknown> = {},
    options: CallOptions = {},
  ): Promise<ToolResult> =>
    (await client.callTool({ name, arguments: args }, undefined, {
      timeout: 300_000,
      ...options,
    })) as ToolResult;
  return {
    client,
    call,
    ok: async <T>(name: string, args: Record<string, unknown> = {}) => {
      const result = await call(name, args);
      if (result.isError) throw new Error(`${name}: ${textOf(result)}`);
      return result.structuredContent as T;
    },
    close: () => client.close(),
  };
}

export const textOf = (result: ToolResult): string =>
  result.content.map((block) => block.text ?? '').join('\n');

/** Registers a test sshd under an alias. */
export const addHost = (
  hub: Pick<TestHub, 'ok'>,
  home: TestHome,
  sshd: TestSshd,
  alias = 'web1',
  more: Record<string, unknown> = {},
) =>
  hub.ok('server_add', {
    alias,
    host: sshd.host,
    port: sshd.port,
    user: sshd.user,
    keyPath: home.addKey(sshd.keyPath),
    ...more,
  });
