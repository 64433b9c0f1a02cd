import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestSshd } from '@flotilla/testkit';
import { startHttp } from './http-server.ts';
import {
  addHost,
  node,
  serverMain,
  sourceArguments,
  startHub,
  startStdio,
  type TestClient,
  type TestHome,
  testHome,
} from './hub.ts';

const SERVERS = ['ssh-exec', 'sftp'] as const;
type Servers = readonly ('ssh-exec' | 'sftp' | 'docker')[];
const FILE_TOOLS = /^(file_|task_transfer)/;

export const VARIANTS = [
  'in-process mounts',
  'stdio mounts',
  'URL mounts',
  'alone over stdio',
  'alone over HTTP',
] as const;
export type VariantName = (typeof VARIANTS)[number];

/** One way to have the servers, ready to be called. */
export interface Variant {
  name: VariantName;
  call: TestClient['call'];
  ok: TestClient['ok'];
  /** Tool names as a client lists them. */
  tools(): Promise<string[]>;
  /** Local folder that transfers may use. */
  files: string;
  close(): Promise<void>;
}

/** `config` is that of the servers, `servers.<name>`. Of several servers alone the second one has the tools of files. */
export async function startVariant(
  name: VariantName,
  sshd: TestSshd,
  servers: Servers = SERVERS,
  config: Record<string, unknown> = {},
): Promise<Variant> {
  const home = testHome({ MCP_SYNC_TIMEOUT_S: '3' });
  const files = join(home.path, '.config', 'flotilla', 'files');
  const setup = await startStdio(home, [serverMain('ssh-exec')]);
  await addHost(setup, home, sshd);
  await setup.close();
  mkdirSync(files, { recursive: true });
  writeConfig(home, {}, config);
  const parts = await open(name, home, servers, config);
  const clientFor = (tool: string): TestClient =>
    parts.clients[FILE_TOOLS.test(tool) ? 1 : 0] ?? (parts.clients[0] as TestClient);
  return {
    name,
    files,
    call: (tool, args, options) => clientFor(tool).call(tool, args, options),
    ok: (tool, args) => clientFor(tool).ok(tool, args),
    tools: async () => {
      const lists = await Promise.all(parts.clients.map(({ client }) => client.listTools()));
      return [...new Set(lists.flatMap(({ tools }) => tools.map((tool) => tool.name)))].sort();
    },
    close: async () => {
      await Promise.all(parts.clients.map((client) => client.close()));
      await parts.stop();
      home.remove();
    },
  };
}

interface Parts {
  /** One hub, or the client of ssh-exec and the client of sftp. */
  clients: TestClient[];
  stop(): Promise<void>;
}

async function open(
  name: VariantName,
  home: TestHome,
  names: Servers,
  config: Record<string, unknown>,
): Promise<Parts> {
  const nothing = async (): Promise<void> => {};
  if (name === 'in-process mounts') {
    writeConfig(home, Object.fromEntries(names.map((server) => [server, {}])), config);
    return { clients: [await startHub(home)], stop: nothing };
  }
  if (name === 'stdio mounts') {
    const mounts = names.map((server) => {
      return [server, { command: node, args: [...sourceArguments, serverMain(server)] }] as const;
    });
    writeConfig(home, Object.fromEntries(mounts), config);
    return { clients: [await startHub(home)], stop: nothing };
  }
  if (name === 'alone over stdio') {
    const clients = await Promise.all(names.map((server) => startStdio(home, [serverMain(server)])));
    return { clients, stop: nothing };
  }
  const servers = await Promise.all(names.map((server) => startHttp(home, [serverMain(server)])));
  const stopServers = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
  };
  if (name === 'alone over HTTP') {
    return { clients: await Promise.all(servers.map((server) => server.connect())), stop: stopServers };
  }
  const hubHome = testHome({ MCP_SYNC_TIMEOUT_S: '3' });
  const mounts = names.map((server, index) => {
    const { url, headers } = servers[index] as (typeof servers)[number];
    return [server, { url, headers }] as const;
  });
  writeConfig(hubHome, Object.fromEntries(mounts), {});
  return {
    clients: [await startHub(hubHome)],
    stop: async () => {
      await stopServers();
      hubHome.remove();
    },
  };
}

function writeConfig(
  home: TestHome,
  mcpServers: Record<string, unknown>,
  servers: Record<string, unknown>,
): void {
  const folder = join(home.path, '.config', 'flotilla');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ mcpServers, servers }), { mode: 0o600 });
}
