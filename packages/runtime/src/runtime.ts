import { createGate } from '@flotilla/admission';
import {
  type Caller,
  type CompiledTool,
  compileServer,
  compileTool,
  createCaller,
  type Gate,
  type Logger,
  type Principal,
  type ServerDefinition,
} from '@flotilla/core';
import { clientFilter, type FlotillaConfig } from '@flotilla/core/config';
import type { Probe } from '@flotilla/fleet';
import { fleetTools } from './fleet-tools.ts';
import { jobHandlers } from './handlers.ts';
import type { ProcessBase } from './open-process.ts';
import { openServices, type Services } from './services.ts';
import { toolSettings } from './settings.ts';

export interface RuntimeOptions extends ProcessBase {
  /** Servers whose tools this process holds. */
  servers: readonly ServerDefinition[];
  /** More to say in system_diagnostics, e.g. the mounts of a hub. */
  probes?: () => readonly Probe[];
}

/** One process of Flotilla: its tools, the one way to call them, and what is open underneath. */
export interface Runtime {
  config: FlotillaConfig;
  log: Logger;
  services: Services;
  gate: Gate;
  clientFilter(principal: Principal, tool: string): boolean;
  /** Tools by lane (server name); the fleet tools under `fleet`. */
  lanes: ReadonlyMap<string, readonly CompiledTool[]>;
  call: Caller;
  close(): Promise<void>;
}

/** The composition root: the same for the hub and for every server alone. */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { config, log } = options;
  const settings = toolSettings(config);
  const services = await openServices(options);
  const { inventory } = services;
  const gate = createGate({ policy: config.policy, hosts: (words) => inventory.guards(words) });
  const filter = clientFilter(config.clients);
  const fleet = fleetTools({
    config,
    identity: options.identity,
    services,
    ring: options.ring,
    gate,
    probes: options.probes ?? (() => []),
  }).map((tool) => compileTool(tool, 'fleet'));
  const lanes = new Map<string, readonly CompiledTool[]>([
    ['fleet', fleet],
    ...options.servers.map((server) => [server.name, compileServer(server)] as const),
  ]);
  const call = createCaller({
    gate,
    audit: services.audit,
    redactor: services.redactor,
    log,
    runs: services.engine.runs,
    context: ({ principal, signal, progress, log: callLog }) => ({
      principal,
      signal,
      progress,
      log: callLog,
      hosts: services.hosts,
      settings,
    }),
    syncWaitMs: config.jobs.syncWaitMs,
    limits: config.limits,
    clientFilter: filter,
  });
  services.engine.register(jobHandlers([...lanes.values()].flat(), () => services, settings));
  await services.engine.start();
  return { config, log, services, gate, clientFilter: filter, lanes, call, close: () => services.close() };
}
