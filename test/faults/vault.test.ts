import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSshd, type TestSshd, waitFor } from '@flotilla/testkit';
import { Client } from 'sdk-v1-32/client/index.js';
import { StreamableHTTPClientTransport } from 'sdk-v1-32/client/streamableHttp.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rowOf } from '../support/fleet.ts';
import { type HttpServer, startHttp } from '../support/http-server.ts';
import {
  addHost,
  callsOf,
  hubMain,
  node,
  serverMain,
  sourceArguments,
  startHub,
  type TestHome,
  testHome,
} from '../support/hub.ts';

const FROM_ENVIRONMENT = 'a-value-of-the-environment-77';
const CI_TOKEN = 'the-token-of-the-ci-0123456789';

let sshd: TestSshd;
let farmHome: TestHome;
let farm: HttpServer;
let farmToken: string;
let home: TestHome;

/** `flotilla secret set NAME` as a person runs it. */
async function store(name: string, value: string): Promise<void> {
  const child = spawn(node, [...sourceArguments, hubMain, 'secret', 'set', name], {
    env: home.env,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  child.stdin.end(value);
  expect((await once(child, 'exit'))[0]).toBe(0);
}

function configure(config: Record<string, unknown>): void {
  const folder = join(home.path, '.config', 'flotilla');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config), { mode: 0o600 });
}

beforeAll(async () => {
  sshd = await startSshd();
  farmHome = testHome();
  farm = await startHttp(farmHome, [serverMain('ssh-exec')]);
  farmToken = (farm.headers['Authorization'] ?? '').replace('Bearer ', '');
  const client = await farm.connect();
  await addHost(client, farmHome, sshd);
  await client.close();
  home = testHome({ THEIR_TOKEN: FROM_ENVIRONMENT });
  configure({
    mcpServers: {
      'ssh-exec': { url: farm.url, headers: { Authorization: `Bearer \${vault:farm}` } },
      other: { command: '/bin/false', env: { TOKEN: `\${env:THEIR_TOKEN}` } },
    },
    http: { tokens: { ci: `\${vault:ci}` } },
  });
}, 60_000);
afterAll(async () => {
  await farm.stop();
  await sshd.stop();
  home.remove();
  farmHome.remove();
});

test('a secret that is not there: refused, with the key and the command that stores it', async () => {
  const refused = await startHub(home).catch((error: Error) => error);
  expect(refused).toBeInstanceOf(Error);
  const { message } = refused as Error;
  expect(message).toContain('mcpServers.ssh-exec.headers.Authorization names the secret farm of the vault');
  expect(message).toContain('flotilla secret set farm');
});

test('a mount logs in with it; it is masked wherever it shows up, and so is what came from the environment', async () => {
  await store('farm', farmToken);
  const hub = await startHub(home);
  try {
    await waitFor(async () => (await hub.client.listTools()).tools.some(({ name }) => name === 'task_exec'), {
      timeoutMs: 60_000,
      what: 'the mount',
    });
    const answer = await hub.call('task_exec', { alias: 'web1', cmd: 'echo "from $0"; echo no secret' });
    expect(rowOf(answer)).toMatchObject({ state: 'ok', stdout: expect.stringContaining('no secret') });
    for (const value of [farmToken, FROM_ENVIRONMENT]) {
      const { structuredContent, content } = await hub.call('task_logs', { search: value });
      expect(JSON.stringify({ structuredContent, content })).not.toContain(value);
      const { structuredContent: unknown } = await hub.call('server_test', { alias: `no-${value}` });
      expect(JSON.stringify(unknown)).toContain('[secret]');
      expect(JSON.stringify(unknown)).not.toContain(value);
    }
  } finally {
    await hub.close();
  }
}, 90_000);

test('a token of the HTTP front door: too short is refused, a good one opens', async () => {
  await store('ci', 'short');
  await expect(startHttp(home, [hubMain, 'serve'])).rejects.toThrow('ended with');
  await store('ci', CI_TOKEN);
  const hub = await startHttp(home, [hubMain, 'serve']);
  try {
    const client = new Client({ name: 'ci', version: '1' });
    const requestInit = { headers: { Authorization: `Bearer ${CI_TOKEN}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL(hub.url), { requestInit }));
    expect(await callsOf(client).ok('server_list')).toHaveProperty('rows');
    await client.close();
    const stranger = new Client({ name: 'ci', version: '1' });
    const wrong = { headers: { Authorization: `Bearer \${vault:ci}` } };
    await expect(
      stranger.connect(new StreamableHTTPClientTransport(new URL(hub.url), { requestInit: wrong })),
    ).rejects.toThrow();
  } finally {
    await hub.stop();
  }
}, 90_000);
