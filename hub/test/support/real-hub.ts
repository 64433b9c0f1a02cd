import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ToolAnswer } from '@flotilla/core';
import { createInventory, inventoryPart, openVault } from '@flotilla/inventory';
import { openProcess } from '@flotilla/runtime';
import { StateStore } from '@flotilla/store';
import { freePort, type TestSshd } from '@flotilla/testkit';
import { type Hub, openHub } from '../../src/hub.ts';
import { PRINCIPAL } from './hub.ts';
import { type Started, startProcess } from './processes.ts';

export const KINDS = ['in-process', 'stdio child', 'HTTP'] as const;
export type Kind = (typeof KINDS)[number];

const TOKEN = 'a-token-that-is-long-enough-0123456789';
const SERVERS = ['ssh-exec', 'sftp'] as const;
const mainOf = (server: string): string[] => [
  '--conditions=@flotilla/source',
  join(import.meta.dirname, '..', '..', '..', 'servers', server, 'src', 'main.ts'),
];

export interface RealHub {
  hub: Hub;
  /** Folder that transfers may use on the side of the server. */
  files: string;
  /** The servers in other processes that listen on HTTP, by name. */
  servers: ReadonlyMap<string, Started>;
  call(
    name: string,
    args: Record<string, unknown>,
    more?: { signal?: AbortSignal; onProgress?: (update: unknown) => void },
  ): Promise<ToolAnswer & { data: Record<string, unknown> }>;
  /** Ends the hub and starts another one on the same data folder, without waiting for its mounts. */
  reopen(): Promise<void>;
  stop(): Promise<void>;
}

/** Data folder with the host `web1`, and `closed` where nothing listens. */
async function prepare(dataDir: string, sshd: TestSshd): Promise<void> {
  mkdirSync(join(dataDir, 'files'), { recursive: true, mode: 0o700 });
  const store = StateStore.open({ file: join(dataDir, 'state.sqlite'), parts: [inventoryPart] });
  const { cipher } = await openVault({ store, dataDir });
  const inventory = createInventory({ store, cipher });
  const { host, user, keyPath } = sshd;
  await inventory.save({ alias: 'web1', host, port: sshd.port, user, keyPath }, { person: true });
  await inventory.save({ alias: 'closed', host, port: await freePort(), user, keyPath }, { person: true });
  await store.close();
}

/** A hub as `flotilla serve` opens it, with both servers mounted in one of the three ways; `inProcess`: and these. */
export async function startRealHub(
  kind: Kind,
  folder: string,
  sshd: TestSshd,
  inProcess: readonly string[] = [],
): Promise<RealHub> {
  const dataDir = join(folder, 'data');
  await prepare(dataDir, sshd);
  const { PATH = '', HOME = '' } = process.env;
  const servers = new Map<string, Started>();
  const mcpServers: Record<string, object> = Object.fromEntries(inProcess.map((name) => [name, {}]));
  let files = join(dataDir, 'files');
  for (const server of SERVERS) {
    if (kind === 'in-process') mcpServers[server] = {};
    if (kind === 'stdio child') mcpServers[server] = { command: process.execPath, args: mainOf(server) };
    if (kind !== 'HTTP') continue;
    const elsewhere = join(folder, server);
    await prepare(elsewhere, sshd);
    const port = await freePort();
    const env = {
      PATH,
      HOME,
      FLOTILLA_DATA_DIR: elsewhere,
      FLOTILLA_HTTP_TOKEN: TOKEN,
      LOG_LEVEL: 'warn',
      MCP_SYNC_TIMEOUT_S: '3',
    };
    const args = [...mainOf(server), '--http', '--port', String(port)];
    servers.set(server, await startProcess('ready at', process.execPath, args, env));
    mcpServers[server] = {
      url: `http://127.0.0.1:${port}/mcp`,
      headers: { Authorization: `Bearer ${TOKEN}` },
    };
    if (server === 'sftp') files = join(elsewhere, 'files');
  }
  writeFileSync(join(dataDir, 'config.json'), JSON.stringify({ mcpServers }), { mode: 0o600 });
  const env = { PATH, HOME, FLOTILLA_DATA_DIR: dataDir, LOG_LEVEL: 'fatal', MCP_SYNC_TIMEOUT_S: '3' };
  let hub = await openHub(await openProcess(env));
  await hub.endpoint.settled(60_000);
  return {
    get hub() {
      return hub;
    },
    files,
    servers,
    call: async (name, args, { signal = new AbortController().signal, onProgress } = {}) => {
      const call = { name, args, principal: PRINCIPAL, signal, ...(onProgress && { onProgress }) };
      const answer = await hub.endpoint.callTool(call);
      return { ...answer, data: answer.structuredContent as Record<string, unknown> };
    },
    reopen: async () => {
      await hub.close();
      hub = await openHub(await openProcess(env));
    },
    stop: async () => {
      await hub.close();
      for (const one of servers.values()) await one.end();
    },
  };
}
