import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, processes, startSshd, type TestSshd, tempDir } from '@flotilla/testkit';
import { Client } from 'sdk-v1-32/client/index.js';
import { StdioClientTransport } from 'sdk-v1-32/client/stdio.js';
import { StreamableHTTPClientTransport } from 'sdk-v1-32/client/streamableHttp.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../rules/sources.ts';

const folder = tempDir('flotilla-fresh-');
const clone = join(folder.path, 'flotilla');
const home = join(folder.path, 'home');
/** Only what the system has: no tool of this workspace may be found by accident. */
const KEPT = /^(LANG|LC_.*|NODE_EXTRA_CA_CERTS|SSL_CERT_.*|https?_proxy|HTTPS?_PROXY)$/;
let sshd: TestSshd;
let env: Record<string, string>;
let start: ChildProcess | undefined;

beforeAll(async () => {
  mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o700 });
  execFileSync('git', ['clone', '--quiet', root, clone]);
  sshd = await startSshd();
  copyFileSync(sshd.keyPath, join(home, '.ssh', 'id_fresh'));
  chmodSync(join(home, '.ssh', 'id_fresh'), 0o600);
  env = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => KEPT.test(name))),
    HOME: home,
    PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
    NO_COLOR: '1',
    FLOTILLA_HTTP_PORT: String(await freePort()),
  } as Record<string, string>;
});

afterAll(async () => {
  start?.kill('SIGKILL');
  await sshd?.stop();
  folder.remove();
});

/** Everything that was started for the clone and is still there. */
const leftOver = (): string[] =>
  processes()
    .map(({ commandLine }) => commandLine)
    .filter((line) => line.includes(clone));

interface Answer {
  isError?: boolean;
  structuredContent?: { rows?: { stdout?: string }[] };
}

async function useIt(client: Client, alias: string): Promise<void> {
  const call = async (name: string, args: Record<string, unknown>): Promise<Answer> => {
    const answer = (await client.callTool({ name, arguments: args })) as Answer;
    expect(answer.isError ?? false, JSON.stringify(answer)).toBe(false);
    return answer;
  };
  const keyPath = join(home, '.ssh', 'id_fresh');
  await call('server_add', { alias, host: sshd.host, port: sshd.port, user: sshd.user, keyPath });
  const ran = await call('task_exec', { alias, cmd: `echo ${alias}` });
  expect(ran.structuredContent?.rows?.[0]?.stdout).toBe(`${alias}\n`);
  const site = join(home, '.config', 'flotilla', 'files', `site-${alias}`);
  mkdirSync(site, { recursive: true });
  writeFileSync(join(site, 'index.html'), alias);
  await call('task_transfer', {
    alias,
    direction: 'upload',
    local: `site-${alias}`,
    remote: join(sshd.home, alias),
  });
  expect(readFileSync(join(sshd.home, alias, 'index.html'), 'utf8')).toBe(alias);
  await client.close();
}

test('npm start on a clean clone serves, its snippets work, and SIGTERM leaves nothing behind', async () => {
  const child = spawn('npm', ['start'], { cwd: clone, env, stdio: ['ignore', 'pipe', 'pipe'] });
  start = child;
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
  let screen = '';
  await new Promise<void>((resolve, reject) => {
    const onData = (chunk: Buffer): void => {
      screen += String(chunk);
      if (screen.includes('Ctrl-C')) resolve();
    };
    child.stdout.on('data', onData);
    child.stderr.on('data', onData);
    void ended.then((code) => reject(new Error(`npm start ended with ${code}\n${screen}`)));
  });
  const url = /http:\/\/127\.0\.0\.1:\d+\/mcp/.exec(screen)?.[0] ?? '';
  const token = /Bearer ([\w-]+)/.exec(screen)?.[1] ?? '';
  expect(screen).toMatch(/ready in/);
  for (const client of ['Claude Code', 'Claude Desktop', 'Cursor', 'VS Code', 'Gemini CLI']) {
    expect(screen).toContain(client);
  }

  const http = new Client({ name: 'fresh', version: '1.0.0' });
  const headers = { Authorization: `Bearer ${token}` };
  await http.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  await useIt(http, 'over-http');

  const print = ['config', 'print', '--client', 'cursor'];
  const snippet = execFileSync(join(clone, 'bin', 'flotilla'), print, { env, encoding: 'utf8' });
  const { mcpServers } = JSON.parse(snippet.slice(snippet.indexOf('{'), snippet.lastIndexOf('}') + 1)) as {
    mcpServers: { flotilla: { command: string; args: string[] } };
  };
  const stdio = new Client({ name: 'fresh', version: '1.0.0' });
  await stdio.connect(new StdioClientTransport({ ...mcpServers.flotilla, env }));
  await useIt(stdio, 'over-stdio');

  child.kill('SIGTERM');
  expect([0, 143, 'SIGTERM']).toContain(await ended);
  expect(leftOver()).toEqual([]);
  expect(existsSync(join(home, '.config', 'flotilla', 'state.sqlite'))).toBe(true);
});
