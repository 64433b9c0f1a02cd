import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openMetrics } from '@flotilla/metrics';
import { startSshd, type TestSshd, waitFor } from '@flotilla/testkit';
import { Client } from 'sdk-v1-16/client/index.js';
import { StdioClientTransport } from 'sdk-v1-16/client/stdio.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startHttp } from '../support/http-server.ts';
import {
  addHost,
  hubMain,
  node,
  serverMain,
  sourceArguments,
  startHub,
  startStdio,
  type TestClient,
  type TestHome,
  type ToolResult,
  testHome,
} from '../support/hub.ts';

const MAIN = serverMain('monitoring');
const CHART = { alias: 'web1', names: ['cpu_percent'], from: '-1h' };

let sshd: TestSshd;
let home: TestHome;
let bare: TestHome;
const closing: (() => Promise<unknown>)[] = [];

const dataOf = ({ path }: TestHome): string => join(path, '.config', 'flotilla');

function configure(where: TestHome, mcpServers: Record<string, unknown>): void {
  mkdirSync(dataOf(where), { recursive: true, mode: 0o700 });
  writeFileSync(join(dataOf(where), 'config.json'), JSON.stringify({ mcpServers }), { mode: 0o600 });
}

/** A host and an hour of its history. */
beforeAll(async () => {
  sshd = await startSshd();
  [home, bare] = [testHome(), testHome()];
  const setup = await startStdio(home, [MAIN]);
  await addHost(setup, home, sshd);
  await setup.close();
  const metrics = openMetrics({ file: join(dataOf(home), 'metrics.sqlite') });
  const now = Date.now();
  await metrics.append(
    Array.from({ length: 240 }, (_, index) => ({
      host: 'web1',
      at: now - (240 - index) * 15_000,
      values: [{ name: 'cpu_percent', value: 30 + 20 * Math.sin(index / 20) }],
    })),
  );
  await metrics.close();
});
afterAll(async () => {
  await Promise.all(closing.map((close) => close()));
  await sshd?.stop();
  home?.remove();
  bare?.remove();
});

const ready = async (client: TestClient): Promise<TestClient> => {
  closing.push(() => client.close());
  const lists = async () =>
    (await client.client.listTools()).tools.some(({ name }) => name === 'metrics_chart');
  await waitFor(lists, { timeoutMs: 30_000, what: 'metrics_chart' });
  return client;
};

const WAYS: [name: string, connect: () => Promise<TestClient>][] = [
  [
    'an in-process mount',
    async () => {
      configure(home, { monitoring: {} });
      return startHub(home);
    },
  ],
  [
    'a stdio mount',
    async () => {
      configure(home, { monitoring: { command: node, args: [...sourceArguments, MAIN] } });
      return startHub(home);
    },
  ],
  [
    'a URL mount',
    async () => {
      configure(home, {});
      const server = await startHttp(home, [MAIN]);
      closing.push(() => server.stop());
      configure(bare, { monitoring: { url: server.url, headers: server.headers } });
      return startHub(bare);
    },
  ],
  ['no hub', async () => startStdio(home, [MAIN])],
];

function expectPicture({ isError, content, structuredContent }: ToolResult): void {
  expect(isError, JSON.stringify(content).slice(0, 500)).toBeFalsy();
  expect(content.map(({ type }) => type)).toEqual(['text', 'image']);
  const image = content[1] as unknown as { data: string; mimeType: string };
  expect(image.mimeType).toBe('image/png');
  expect(Buffer.from(image.data, 'base64').subarray(1, 4).toString()).toBe('PNG');
  expect(content[0]?.text).toContain('web1 cpu_percent');
  expect(structuredContent).toMatchObject({ series: [{ alias: 'web1', unit: 'percent' }] });
}

/** Following is a run: what comes is told while it comes. */
async function expectFollowing(client: TestClient, name: string): Promise<void> {
  const path = join(home.path, `${name}.log`);
  writeFileSync(path, 'before\n');
  const messages: string[] = [];
  const feed = setInterval(() => appendFileSync(path, `added ${Date.now()}\n`), 100);
  const following = { alias: 'web1', filepath: path, follow: true, followSeconds: 1 };
  const { isError, structuredContent } = await client
    .call('tail_file', following, { onprogress: ({ message }) => messages.push(message ?? '') })
    .finally(() => clearInterval(feed));
  expect(isError, JSON.stringify(structuredContent)).toBeFalsy();
  expect(JSON.stringify(structuredContent)).toMatch(/before.*added/);
  expect(messages.join()).toContain('added');
}

describe('every kind of call', () => {
  const clients = new Map<string, TestClient>();
  beforeAll(async () => {
    for (const [name, connect] of WAYS) clients.set(name, await ready(await connect()));
  });

  test.concurrent.each(WAYS)('through %s', async (name) => {
    const client = clients.get(name) as TestClient;
    expectPicture(await client.call('metrics_chart', CHART));
    const { rows } = await client.ok<{ rows: object[] }>('get_system_resources', { alias: ['web1'] });
    expect(rows).toMatchObject([{ alias: 'web1', state: 'ok' }]);
    const refused = await client.call('tail_file', { alias: 'nobody', filepath: '/x' });
    expect(refused).toMatchObject({ isError: true, structuredContent: { code: 'NOT_FOUND' } });
    await expectFollowing(client, name);
  });
});

describe('a picture reaches a client', () => {
  test('of an early version, through the hub', async () => {
    configure(home, { monitoring: {} });
    const client = new Client({ name: 'old', version: '1' });
    const args = [...sourceArguments, hubMain, 'serve', '--stdio'];
    await client.connect(new StdioClientTransport({ command: node, args, env: home.env }));
    closing.push(() => client.close());
    // A v1 client checks answers against the output schemas that it has listed.
    await client.listTools();
    expectPicture(
      (await client.callTool({ name: 'metrics_chart', arguments: CHART })) as unknown as ToolResult,
    );
  });
});
