import { join } from 'node:path';
import { type AuditLog, auditPart, createAudit } from '@flotilla/admission';
import type { Cipher, Hosts, SecretRedactor, ServerDefinition } from '@flotilla/core';
import { prepareDataDir } from '@flotilla/core/config';
import {
  createInventory,
  createSecrets,
  type Inventory,
  inventoryPart,
  openVault,
  type Secrets,
  type Vault,
} from '@flotilla/inventory';
import { createRunsEngine, jobsSchema, type RunsEngine } from '@flotilla/jobs';
import type { HostLinks } from '@flotilla/ssh';
import { StateStore } from '@flotilla/store';
import {
  type Errands,
  errandRunner,
  errands,
  type Presence,
  presence,
  type Reach,
  reachOf,
  workersSchema,
} from '@flotilla/workers';
import { fleetId } from './fleet-id.ts';
import { knownHostsPaths } from './identity.ts';
import type { ProcessBase } from './open-process.ts';
import { openQueue } from './queue.ts';
import { freshRedactor } from './redactor-feed.ts';
import { composeSsh } from './ssh-parts.ts';
import { hostLabels, NO_LABELS } from './worker/host-labels.ts';
import { routeTickets, whyQueued } from './worker/queue-routes.ts';

const PRUNE_INTERVAL_MS = 6 * 3600 * 1000;

/** Everything a process needs to execute tools, opened once. */
export interface Services {
  store: StateStore;
  vault: Vault;
  cipher: Cipher;
  /** Named secrets, for people and the config; no tool reads or sets them. */
  secrets: Secrets;
  inventory: Inventory;
  links: HostLinks;
  hosts: Hosts;
  engine: RunsEngine;
  audit: AuditLog;
  redactor: SecretRedactor;
  /** Workers on other machines. */
  presence: Presence;
  reach: Reach;
  errands: Errands;
  /** Tells this data folder from others, e.g. in a Redis that they share. */
  fleet: string;
  close(): Promise<void>;
}

/** Opens the data folder and wires the parts. Throws what a broken or foreign data folder deserves, touching nothing. */
export async function openServices(
  options: ProcessBase,
  servers: readonly ServerDefinition[] = [],
  /** Lanes whose runs workers on other machines take. */
  delegated: ReadonlySet<string> = new Set(),
): Promise<Services> {
  const { config, identity, log } = options;
  await prepareDataDir(config.dataDir);
  const store = StateStore.open({
    file: join(config.dataDir, 'state.sqlite'),
    parts: [
      inventoryPart,
      jobsSchema,
      auditPart,
      workersSchema,
      ...servers.flatMap(({ schema }) => schema ?? []),
    ],
  });
  const vault = await openVault({
    store,
    dataDir: config.dataDir,
    ...(config.masterKey && { masterKey: config.masterKey }),
  });
  const { cipher } = vault;
  const inventory = createInventory({
    store,
    cipher,
    ...(identity.agentSocket && { agentSocket: identity.agentSocket }),
  });
  const redactor = freshRedactor(options.redactor, inventory);
  const {
    links,
    hosts,
    runner: own,
  } = composeSsh({
    directory: inventory,
    ssh: config.ssh,
    log,
    knownHostsPaths: knownHostsPaths(identity),
  });
  const reach = reachOf(store);
  const labels = config.jobs.redis ? hostLabels(inventory, reach) : NO_LABELS;
  const ways = errands(store, cipher);
  const runner = errandRunner(own, labels.ofAlias, ways);
  const workers = presence(store);
  const driver = routeTickets(await openQueue(options, store), store, labels);
  const engine = createRunsEngine({
    store,
    ...(driver && { driver }),
    whyQueued: whyQueued(delegated, workers, labels),
    runner,
    cipher,
    redactor,
    log,
    outputDir: join(config.dataDir, 'output'),
    limits: {
      maxOpenRuns: config.jobs.maxOpenRuns,
      retentionMs: config.limits.historyMs,
      maxRuns: config.limits.historyRuns,
      outputRetentionMs: config.limits.outputMs,
      outputBytes: config.limits.outputBytes,
    },
  });
  const audit = createAudit({ store, redactor, hmacKey: vault.deriveKey('audit') });
  const pruning = setInterval(() => {
    audit
      .prune(config.limits.auditMs)
      .catch((error: unknown) => log.warn({ err: error }, 'the audit log was not pruned'));
  }, PRUNE_INTERVAL_MS).unref();
  return {
    store,
    vault,
    cipher,
    secrets: createSecrets({ store, cipher }),
    inventory,
    links,
    hosts,
    engine,
    audit,
    redactor,
    presence: workers,
    reach,
    errands: ways,
    fleet: await fleetId(store),
    async close() {
      clearInterval(pruning);
      await engine.stop();
      await links.close();
      await audit.flush();
      await store.close();
    },
  };
}
