import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  type CommandRunner,
  createRedactor,
  FlotillaError,
  type HostKeyPin,
  type HostRecord,
  type Principal,
  type SecretRedactor,
  silentLogger,
} from '@flotilla/core';
import { createRunsEngine, jobsSchema, type RunsEngine } from '@flotilla/jobs';
import { StateStore } from '@flotilla/store';
import { tempDir } from '@flotilla/testkit';
import { onTestFinished } from 'vitest';
import { workerDesk, workerRoute } from '../../src/hub.ts';
import {
  callLeases,
  type Errands,
  errands,
  type Presence,
  presence,
  type Reach,
  reachOf,
  type WorkerTokens,
  workersSchema,
  workerTokens,
} from '../../src/index.ts';
import { type HubClient, hubClient, LeasedHosts, RemoteLedger } from '../../src/worker.ts';
import { xorCipher } from './xor-cipher.ts';

export const someone: Principal = { id: 'stdio:1000', kind: 'stdio' };

const nowhere = async (): Promise<never> => {
  throw new FlotillaError('CONNECTION_FAILED', 'The hub connects to nothing here.');
};
const runner: CommandRunner = {
  start: nowhere,
  attach: nowhere,
  status: nowhere,
  cancel: nowhere,
  answer: nowhere,
  forget: nowhere,
};

const host = (alias: string, more: Partial<HostRecord> = {}): HostRecord => ({
  alias,
  host: '192.0.2.7',
  port: 22,
  user: 'deploy',
  hostKeys: [],
  sudo: 'none',
  transport: 'ssh',
  revision: 1,
  ...more,
});

/** The books of a hub with an HTTP front for workers; its hosts are a table. */
export interface HubWorld {
  folder: string;
  url: string;
  /** Of its program. */
  version: string;
  store: StateStore;
  engine: RunsEngine;
  redactor: SecretRedactor;
  tokens: WorkerTokens;
  presence: Presence;
  reach: Reach;
  errands: Errands;
  leases: ReturnType<typeof callLeases>;
  hosts: Map<string, HostRecord>;
  pins: [string, HostKeyPin, number | undefined][];
  /** Ends it and starts another one on the same folder and port. */
  restart(): Promise<void>;
  /** Answers nothing until it is started again. */
  down(): Promise<void>;
  up(): Promise<void>;
  submit(args?: Record<string, unknown>, aliases?: readonly string[]): Promise<string>;
  worker(lanes?: readonly string[], labels?: readonly string[]): Promise<WorkerEnd>;
}

export interface WorkerEnd {
  client: HubClient;
  leased: LeasedHosts;
  ledger: RemoteLedger;
  redactor: SecretRedactor;
  token: string;
}

export async function hubWorld(): Promise<HubWorld> {
  const folder = tempDir('flotilla-workers-');
  const hosts = new Map([
    ['web1', host('web1', { password: 'the-password-of-web1', jump: 'gate' })],
    ['gate', host('gate', { keyPath: '/keys/gate' })],
    ['agent1', host('agent1', { agentSocket: '/run/agent' })],
  ]);
  const pins: HubWorld['pins'] = [];
  let port = 0;
  let server: Server | undefined;
  let closing = new AbortController();
  const world = { folder: folder.path, version: '1.2.3', hosts, pins } as HubWorld;

  const listen = async (): Promise<void> => {
    closing = new AbortController();
    const desk = workerDesk({
      executors: world.engine.executors,
      presence: world.presence,
      leases: world.leases,
      errands: world.errands,
      reach: world.reach,
      version: world.version,
      queue: () => ({ ok: true, name: 'bullmq', detail: '', identity: 'ours' }),
      settings: () => ({ fleet: 'f' }) as never,
      hosts: {
        record: (alias) => known(hosts, alias),
        resolve: (word) =>
          (word === 'all' ? [...hosts.keys()] : [known(hosts, word).alias]).map((alias) => ({
            ...known(hosts, alias),
            groups: alias === 'web1' ? ['web'] : [],
            tags: [],
          })),
        pinHostKey: async (alias, pin, revision) => {
          if (revision !== undefined && revision !== known(hosts, alias).revision)
            throw new FlotillaError('CONFLICT', 'The host changed.');
          pins.push([alias, pin, revision]);
        },
        readKey: async (path) => {
          if (path.endsWith('unreadable')) throw Object.assign(new Error('no'), { code: 'EACCES' });
          return `the text of ${path}`;
        },
        knownKeys: async ({ alias }) =>
          alias === 'gate' ? [{ type: 'ssh-ed25519', fingerprint: 'SHA256:known' }] : [],
      },
    });
    const route = workerRoute({ desk, tokens: world.tokens, log: silentLogger, closing: closing.signal });
    server = createServer((request, response) => void route.handle(request, response));
    await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
    world.url = `http://127.0.0.1:${port}/mcp`;
  };
  const open = async (): Promise<void> => {
    const store = StateStore.open({
      file: join(folder.path, 'state.sqlite'),
      parts: [jobsSchema, workersSchema],
    });
    world.store = store;
    world.redactor = createRedactor();
    world.engine = createRunsEngine({
      store,
      runner,
      cipher: xorCipher,
      redactor: world.redactor,
      log: silentLogger,
      outputDir: join(folder.path, 'output'),
    });
    await world.engine.start();
    world.tokens = workerTokens(store);
    world.presence = presence(store);
    world.reach = reachOf(store);
    world.errands = errands(store, xorCipher);
    world.leases = callLeases(Buffer.alloc(32, 7));
    await listen();
  };
  world.down = async () => {
    closing.abort();
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
  };
  world.up = listen;
  const close = async (): Promise<void> => {
    await world.down();
    await world.engine.stop();
    await world.store.close();
  };
  world.restart = async () => {
    await close();
    await open();
  };
  world.submit = async (args = { cmd: 'true' }, aliases = ['web1']) =>
    (
      await world.engine.runs.submit({
        tool: 'exec',
        lane: 'ssh-exec',
        args,
        secretPaths: [],
        principal: someone,
        aliases,
        summary: 'exec',
      })
    ).id;
  let serial = 0;
  world.worker = async (lanes = ['ssh-exec'], labels = []) => {
    const token = await world.tokens.add({ name: `w${serial++}`, lanes, labels, standing: false });
    const client = hubClient({ url: world.url, token });
    onTestFinished(() => client.close());
    const redactor = createRedactor();
    const leased = new LeasedHosts(client, redactor);
    return { client, leased, ledger: new RemoteLedger(client, leased), redactor, token };
  };
  await open();
  onTestFinished(async () => {
    await close();
    folder.remove();
  });
  return world;
}

function known(hosts: ReadonlyMap<string, HostRecord>, alias: string): HostRecord {
  const record = hosts.get(alias);
  if (record) return record;
  throw new FlotillaError('NOT_FOUND', `No host is called "${alias}".`, { details: { alias } });
}

/** What the first delivery of a run's ticket claims with. */
export const firstClaim = (runId: string, delivery = 1) => ({
  runId,
  epoch: 1,
  fence: 1_000_000 + delivery,
});
