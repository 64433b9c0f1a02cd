import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort, startSshd, type TestSshd } from '@flotilla/testkit';
import { Client as ClientV116 } from 'sdk-v1-16/client/index.js';
import { StdioClientTransport as StdioV116 } from 'sdk-v1-16/client/stdio.js';
import { StreamableHTTPClientTransport as HttpV116 } from 'sdk-v1-16/client/streamableHttp.js';
import { Client as ClientV132 } from 'sdk-v1-32/client/index.js';
import { StdioClientTransport as StdioV132 } from 'sdk-v1-32/client/stdio.js';
import { StreamableHTTPClientTransport as HttpV132 } from 'sdk-v1-32/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../rules/sources.ts';
import { hubMain, node, sourceArguments, type TestHome, testHome } from '../support/hub.ts';

const TOKEN = 'a-token-of-the-first-use-test-0123456789';

let sshd: TestSshd;
let home: TestHome;
let http: ChildProcess;
let url: string;

beforeAll(async () => {
  sshd = await startSshd();
  home = testHome();
  const port = await freePort();
  http = spawn(node, [...sourceArguments, hubMain, 'serve', '--http', '--port', String(port)], {
    env: { ...home.env, FLOTILLA_HTTP_TOKEN: TOKEN },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  url = `http://127.0.0.1:${port}/mcp`;
  await new Promise<void>((resolve, reject) => {
    for (const stream of [http.stdout, http.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => line.includes(url) && resolve());
    }
    http.once('exit', (code) => reject(new Error(`the hub ended with ${code}`)));
  });
});

afterAll(async () => {
  const ended = new Promise((resolve) => http.once('exit', resolve));
  http.kill('SIGTERM');
  expect(await ended).toBe(0);
  await sshd.stop();
  home.remove();
});

interface Result {
  isError?: boolean;
  structuredContent?: Record<string, unknown>;
  content?: { type: string; text?: string }[];
}
type Call = (name: string, args: Record<string, unknown>) => Promise<Result>;

/** The first ten minutes of a user: add a host, run a command, move a folder. */
async function firstUse(label: string, call: Call): Promise<void> {
  const ok = async (name: string, args: Record<string, unknown>): Promise<Record<string, unknown>> => {
    const result = await call(name, args);
    expect(result.isError ?? false, JSON.stringify(result)).toBe(false);
    return result.structuredContent ?? {};
  };
  const alias = `web-${label}`;
  const keyPath = home.addKey(sshd.keyPath);
  const added = await ok('server_add', { alias, host: sshd.host, port: sshd.port, user: sshd.user, keyPath });
  expect(JSON.stringify(added)).toContain(sshd.fingerprint);
  const ran = await ok('task_exec', { alias, cmd: `echo ${label}` });
  expect(ran['rows']).toMatchObject([{ alias, exitCode: 0, stdout: `${label}\n`, stderr: '' }]);
  const files = join(home.path, '.config', 'flotilla', 'files', label);
  mkdirSync(join(files, 'sub dir'), { recursive: true });
  writeFileSync(join(files, 'sub dir', "it's.txt"), label);
  const far = join(sshd.home, `site-${label}`);
  await ok('task_transfer', { alias, direction: 'upload', local: label, remote: far });
  expect(readFileSync(join(far, 'sub dir', "it's.txt"), 'utf8')).toBe(label);
  await ok('task_transfer', { alias, direction: 'download', local: `${label}-back`, remote: far });
  expect(readFileSync(join(`${files}-back`, 'sub dir', "it's.txt"), 'utf8')).toBe(label);
  const failed = await call('task_exec', { alias: 'nowhere', cmd: 'true' });
  expect(failed.isError).toBe(true);
  expect(failed.structuredContent).toMatchObject({ error: true, code: 'NOT_FOUND' });
}

interface AnyClient {
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
  close(): Promise<void>;
}

async function withClient(label: string, client: AnyClient): Promise<void> {
  try {
    await firstUse(label, async (name, args) => (await client.callTool({ name, arguments: args })) as Result);
  } finally {
    await client.close();
  }
}

const info = { name: 'first-use', version: '1.0.0' };
const child = () => ({
  command: node,
  args: [...sourceArguments, hubMain, 'serve', '--stdio'],
  env: home.env,
  stderr: 'ignore' as const,
});
const headers = { Authorization: `Bearer ${TOKEN}` };

describe('a new user with an unmodified client', () => {
  test('v1 SDK 1.16 over stdio', async () => {
    const client = new ClientV116(info);
    await client.connect(new StdioV116(child()));
    await client.listTools();
    await withClient('v116-stdio', client);
  });

  test('v1 SDK 1.16 over HTTP', async () => {
    const client = new ClientV116(info);
    await client.connect(new HttpV116(new URL(url), { requestInit: { headers } }));
    await client.listTools();
    await withClient('v116-http', client);
  });

  test('v1 SDK 1.32 over stdio', async () => {
    const client = new ClientV132(info);
    await client.connect(new StdioV132(child()));
    await client.listTools();
    await withClient('v132-stdio', client);
  });

  test('v1 SDK 1.32 over HTTP', async () => {
    const client = new ClientV132(info);
    await client.connect(new HttpV132(new URL(url), { requestInit: { headers } }));
    await client.listTools();
    await withClient('v132-http', client);
  });

  const inspector = join(root, 'test', 'node_modules', '.bin', 'mcp-inspector');
  const inspect = (target: string[], name: string, args: Record<string, unknown>): Promise<Result> =>
    new Promise((resolve, reject) => {
      const call = ['--method', 'tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args)];
      execFile(
        inspector,
        ['--cli', '--format', 'json', '-q', ...call, ...target],
        { env: home.env },
        (error, stdout, stderr) => {
          try {
            resolve((JSON.parse(stdout) as { result: Result }).result);
          } catch {
            reject(new Error(`${error?.message ?? ''}\n${stdout}\n${stderr}`));
          }
        },
      );
    });

  test.runIf(existsSync(inspector))(
    'the Inspector CLI over stdio',
    async () => {
      await firstUse('inspector-stdio', (name, args) =>
        inspect([node, ...sourceArguments, hubMain, 'serve', '--stdio'], name, args),
      );
    },
    60_000,
  );

  test.runIf(existsSync(inspector))(
    'the Inspector CLI over HTTP',
    async () => {
      const target = [
        '--transport',
        'http',
        '--server-url',
        url,
        '--header',
        `Authorization: Bearer ${TOKEN}`,
      ];
      await firstUse('inspector-http', (name, args) => inspect(target, name, args));
    },
    60_000,
  );
});
