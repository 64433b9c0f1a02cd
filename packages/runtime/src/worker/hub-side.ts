import { readFile } from 'node:fs/promises';
import type { Logger, ServerDefinition } from '@flotilla/core';
import type { FlotillaConfig } from '@flotilla/core/config';
import type { HttpRoute } from '@flotilla/core/mcp';
import { DEFAULT_LIMITS } from '@flotilla/jobs';
import { knownHostPins } from '@flotilla/ssh';
import {
  type CallLeases,
  callLeases,
  type Presence,
  type WorkerTokens,
  workerTokens,
} from '@flotilla/workers';
import { workerDesk, workerRoute } from '@flotilla/workers/hub';
import { type Identity, knownHostsPaths } from '../identity.ts';
import type { Services } from '../services.ts';
import { fillIn } from '../vault-references.ts';
import { VERSION } from '../version.ts';
import { type FixedTokens, fixedTokens } from './fixed-tokens.ts';

/** What a process with a state file knows and says of workers on other machines. */
export interface HubSide {
  tokens: WorkerTokens;
  presence: Presence;
  leases: CallLeases;
  /** Tokens of the tokens folder, by lane. */
  tokenOf(lane: string): string | undefined;
  /** Where workers ask; `closing` ends what they wait for. */
  route(closing: AbortSignal): HttpRoute;
}

export interface HubSideParts {
  config: FlotillaConfig;
  services: Services;
  /** All servers that workers may be of. */
  servers: readonly ServerDefinition[];
  identity: Identity;
  log: Logger;
  /** A worker of these lanes has come, or is still there. */
  onWorker?(lanes: readonly string[]): void;
}

export async function hubSide(parts: HubSideParts): Promise<HubSide> {
  const { config, services, servers, log } = parts;
  const { presence } = services;
  const { inventory, engine, vault } = services;
  const fixed: FixedTokens = await fixedTokens(config.workers.tokensDir, servers);
  for (const token of fixed.grants.keys()) services.redactor.add(token);
  const tokens = workerTokens(services.store, fixed.grants);
  const leases = callLeases(vault.deriveKey('worker-call-lease'));
  const known = knownHostPins(knownHostsPaths(parts.identity), log);
  const desk = workerDesk({
    executors: engine.executors,
    hosts: {
      record: (alias) => inventory.record(alias),
      resolve: (word) => inventory.resolve(word),
      pinHostKey: (alias, pin, revision) => inventory.pinHostKey(alias, pin, revision),
      readKey: (path) => readFile(path, 'utf8'),
      knownKeys: ({ host, port }) => known(host, port),
    },
    presence: {
      ...presence,
      async seen(worker) {
        await presence.seen(worker);
        parts.onWorker?.(worker.lanes);
      },
    },
    leases,
    errands: services.errands,
    reach: services.reach,
    version: VERSION,
    queue: () => engine.stats().driver,
    settings: (lanes) => ({
      fleet: services.fleet,
      commandTimeoutMs: config.jobs.commandTimeoutMs,
      interactiveTimeoutMs: config.jobs.interactiveTimeoutMs,
      maxWaitMs: config.jobs.maxWaitMs,
      readonly: config.policy.readonly,
      commandDeny: config.policy.commandDeny,
      questionMs: DEFAULT_LIMITS.questionMs,
      intentMs: DEFAULT_LIMITS.intentMs,
      capturedBytes: DEFAULT_LIMITS.capturedBytes,
      ...serversOf(lanes, config, services),
    }),
  });
  return {
    tokens,
    presence,
    leases,
    tokenOf: (lane) => fixed.byLane.get(lane),
    route: (closing) => workerRoute({ desk, tokens, log: log.child({ part: 'workers' }), closing }),
  };
}

/** The settings of the servers of these lanes, with their secrets filled in. */
function serversOf(lanes: readonly string[], config: FlotillaConfig, services: Services) {
  const secrets: string[] = [];
  const redactor = {
    ...services.redactor,
    add(value: string) {
      secrets.push(value);
      services.redactor.add(value);
    },
  };
  const servers = Object.fromEntries(
    lanes
      .filter((lane) => config.servers[lane] !== undefined)
      .map((lane) => [
        lane,
        fillIn(config.servers[lane] ?? {}, `servers.${lane}`, { secrets: services.secrets, redactor }),
      ]),
  );
  return { servers, secrets };
}
