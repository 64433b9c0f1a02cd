import { setTimeout as delay } from 'node:timers/promises';
import {
  type Caller,
  type CompiledTool,
  compileServer,
  FlotillaError,
  type ServerDefinition,
  type ServiceHost,
  type ToolCalls,
} from '@flotilla/core';
import type { BoundPage } from '@flotilla/core/mcp';
import type { TicketDriver } from '@flotilla/jobs';
import { Changes, createExecution, DEFAULT_LIMITS, type ExecutorParts } from '@flotilla/jobs';
import { queuesOf } from '@flotilla/workers';
import { leaseKey, RemoteLedger, remoteOutputs, stayPresent } from '@flotilla/workers/worker';
import { startBackground } from '../background.ts';
import { jobHandlers } from '../handlers.ts';
import type { ProcessBase } from '../open-process.ts';
import { boundPages } from '../pages.ts';
import { type ServerServices, serverServices } from '../server-services.ts';
import { toolSettings } from '../settings.ts';
import { callsOfHub } from './calls-of-hub.ts';
import { keepLeases, takeStanding } from './standing.ts';
import { openWorkerServices, type WorkerServices } from './worker-services.ts';

export interface WorkerOptions extends ProcessBase {
  /** Its lanes. */
  servers: readonly ServerDefinition[];
  /** It answers the hub's inline calls as well, and does the regular work of its servers. */
  serves: boolean;
  /** Where its tickets come from. */
  driver(services: WorkerServices): Promise<TicketDriver>;
}

/** A process without a state file of runs: it takes tickets of its lanes and works on hosts that the hub leases it. */
export interface WorkerRuntime {
  base: ProcessBase;
  services: WorkerServices;
  lanes: ReadonlyMap<string, readonly CompiledTool[]>;
  /** For calls that the hub sends; all others are DENIED. */
  call: Caller;
  pages: readonly BoundPage[];
  /** Rejects when the hub does not want this worker any more: its token was revoked, or the hub is another version. */
  refused: Promise<never>;
  /** Takes nothing new, gives its runs `drainMs` to end, then lets them go. */
  close(): Promise<void>;
}

/** Tools are called by servers of the hub only. */
const NO_CALLS: ToolCalls = {
  find: () => undefined,
  names: () => [],
  call: () => Promise.reject(new FlotillaError('UNSUPPORTED', 'A worker cannot call other tools.')),
  wait: () => Promise.reject(new FlotillaError('UNSUPPORTED', 'A worker cannot call other tools.')),
  cancel: () => Promise.reject(new FlotillaError('UNSUPPORTED', 'A worker cannot call other tools.')),
};

export async function createWorkerRuntime(options: WorkerOptions): Promise<WorkerRuntime> {
  const { servers, serves, log } = options;
  const stop = new AbortController();
  const refused = Promise.withResolvers<never>();
  refused.promise.catch(() => undefined);
  let letAllGo = (): void => {};
  const onRefused = (): void => {
    letAllGo();
    refused.reject(
      new FlotillaError('DENIED', 'The hub does not accept the token of this worker any more.', {
        hint: 'A person makes a new one on the hub: flotilla worker token add NAME --lanes LANES',
      }),
    );
  };
  const services = await openWorkerServices(options, servers, { onRefused, stop: stop.signal });
  const { client, config, leased, hosts, redactor, runner, settings: told } = services;
  const settings = {
    ...toolSettings(config),
    commandTimeoutMs: told.commandTimeoutMs,
    interactiveTimeoutMs: told.interactiveTimeoutMs,
    maxWaitMs: told.maxWaitMs,
  };
  const own = new Map<string, ServerServices>(
    servers.map((server) => [
      server.name,
      serverServices(server, { services, settings, config, log, calls: NO_CALLS, longLived: serves }),
    ]),
  );
  const hostOf = (name: string): ServiceHost => (own.get(name) as ServerServices).host;
  const lanes = new Map(servers.map((server) => [server.name, compileServer(server)] as const));
  const useOf = (compiled: CompiledTool) => hostOf(compiled.lane).use;

  const driver = await options.driver(services);
  const sessions: ExecutorParts['sessions'] = new Map();
  const parts: ExecutorParts = {
    ledger: new RemoteLedger(client, leased, (runId) => sessions.get(runId)?.stop('cancelled')),
    outputs: remoteOutputs(client, redactor),
    runner,
    redactor,
    log,
    limits: {
      ...DEFAULT_LIMITS,
      capturedBytes: told.capturedBytes,
      intentMs: told.intentMs,
      questionMs: told.questionMs,
    },
    now: () => client.now(),
    driver,
    changes: new Changes(),
    handlers: new Map(),
    sessions,
  };
  letAllGo = () => {
    for (const session of sessions.values()) session.letGo();
  };
  const execution = createExecution(parts, {
    queuesOf: (lane) => queuesOf(lane, services.who.labels),
    onLeft: (runId, fence) => leased.release(leaseKey(runId, fence)),
  });
  execution.register(jobHandlers([...lanes.values()].flat(), hosts, settings, useOf));
  await driver.open();
  const present = stayPresent({ ...services, queue: () => driver.health() }, stop.signal).catch(
    refused.reject,
  );
  if (serves) await takeStanding(services, servers);
  const renewing = keepLeases(services, stop.signal);
  execution.start();
  const background = serves
    ? servers.map(({ name, background: work = [] }) =>
        startBackground(name, work, hostOf(name), services.keeper),
      )
    : [];

  return {
    base: options,
    services,
    lanes,
    call: callsOfHub({ services, settings, useOf }),
    pages: serves ? boundPages(servers, hostOf) : [],
    refused: refused.promise,
    async close() {
      await Promise.all(background.map((one) => one.stop()));
      const drained = execution.stop({ drain: true }).then(() => true);
      const late = delay(config.workers.drainMs, false, { ref: false });
      if (!(await Promise.race([drained, late]))) {
        letAllGo();
        await execution.stop();
      }
      stop.abort();
      await Promise.all([present, renewing]);
      await Promise.all([...own.values()].map((one) => one.close()));
      await services.close();
    },
  };
}
