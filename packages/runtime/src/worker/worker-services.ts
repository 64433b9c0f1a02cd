import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { AuditReader, Logger, ServerDefinition } from '@flotilla/core';
import { type FlotillaConfig, prepareDataDir } from '@flotilla/core/config';
import { createSecrets, inventoryPart, openVault } from '@flotilla/inventory';
import { jobsSchema } from '@flotilla/jobs';
import { createLeases, type LeaseKeeper } from '@flotilla/jobs/driver';
import { StateStore } from '@flotilla/store';
import {
  type HubClient,
  hubClient,
  LeasedHosts,
  sayHello,
  type WorkerSettings,
} from '@flotilla/workers/worker';
import type { ProcessBase } from '../open-process.ts';
import type { ServerParts } from '../server-services.ts';
import { composeSsh, type SshParts } from '../ssh-parts.ts';
import { VERSION } from '../version.ts';
import { workerToken } from './token.ts';

/** What a worker has open: nothing of it is the hub's but what it leased. */
export interface WorkerServices extends ServerParts, SshParts {
  client: HubClient;
  who: { worker: string; version: string; lanes: readonly string[]; labels: readonly string[] };
  settings: WorkerSettings;
  /** The config of this process with what the hub says of its servers and its policy. */
  config: FlotillaConfig;
  token: string;
  log: Logger;
  leased: LeasedHosts;
  keeper: LeaseKeeper;
  close(): Promise<void>;
}

/** The hub's audit log is not here. */
const NO_AUDIT: AuditReader = { search: () => ({ calls: [], more: false }) };

/** Says hello to the hub, waiting for it, then opens this worker's own folder and its way to hosts. */
export async function openWorkerServices(
  base: ProcessBase,
  servers: readonly ServerDefinition[],
  events: { onRefused(): void; stop: AbortSignal },
): Promise<WorkerServices> {
  const { redactor, log } = base;
  const { hubUrl = '', labels } = base.config.workers;
  const token = await workerToken(base.config);
  redactor.add(token);
  const client = hubClient({ url: hubUrl, token, onRefused: events.onRefused });
  const who = {
    worker: `${hostname().replace(/[^A-Za-z0-9.-]/g, '-')}-${process.pid}-${randomBytes(3).toString('hex')}`,
    version: VERSION,
    lanes: servers.map(({ name }) => name),
    labels,
  };
  const { settings } = await sayHello(client, who, log, events.stop);
  for (const secret of settings.secrets) redactor.add(secret);
  const config: FlotillaConfig = {
    ...base.config,
    servers: settings.servers,
    policy: { ...base.config.policy, readonly: settings.readonly, commandDeny: settings.commandDeny },
  };

  await prepareDataDir(config.dataDir);
  const store = StateStore.open({
    file: join(config.dataDir, 'worker.sqlite'),
    parts: [inventoryPart, jobsSchema, ...servers.flatMap(({ schema }) => schema ?? [])],
  });
  const { cipher } = await openVault({
    store,
    dataDir: config.dataDir,
    ...(config.masterKey && { masterKey: config.masterKey }),
  });
  const keeper = createLeases({ store });
  await keeper.open();
  const leased = new LeasedHosts(client, redactor);
  const ssh = composeSsh({ directory: leased, ssh: config.ssh, log, knownHostsPaths: [] });
  return {
    client,
    who,
    settings,
    config,
    token,
    log,
    leased,
    ...ssh,
    keeper,
    store,
    cipher,
    secrets: createSecrets({ store, cipher }),
    redactor,
    audit: NO_AUDIT,
    async close() {
      await ssh.links.close();
      await keeper.close();
      await store.close();
      await client.close();
    },
  };
}
