import { createGate } from '@flotilla/admission';
import {
  type Caller,
  type CallerOptions,
  type CompiledTool,
  compileServer,
  compileTool,
  createCaller,
  createDirectCaller,
  type DirectCaller,
  type Elsewhere,
  type Gate,
  type Logger,
  type Principal,
  type ServerDefinition,
  type ServiceHost,
  type ToolCalls,
  type ToolContext,
} from '@flotilla/core';
import { clientFilter, type FlotillaConfig } from '@flotilla/core/config';
import type { BoundHook, BoundPage } from '@flotilla/core/mcp';
import type { Probe, RunsElsewhere } from '@flotilla/fleet';
import { startBackground } from './background.ts';
import { fleetTools } from './fleet-tools.ts';
import { jobHandlers } from './handlers.ts';
import type { ProcessBase } from './open-process.ts';
import { boundHooks, boundPages } from './pages.ts';
import { type ServerServices, serverServices } from './server-services.ts';
import { openServices, type Services } from './services.ts';
import { toolSettings } from './settings.ts';
import { callRule, toolCalls } from './tool-calls.ts';

export interface RuntimeOptions extends ProcessBase {
  /** Servers whose tools this process holds. */
  servers: readonly ServerDefinition[];
  /** More to say in system_diagnostics, e.g. the mounts of a hub. */
  probes?: () => readonly Probe[];
  /** Mounted servers whose runs the lists of runs are to include. */
  elsewhere?: () => readonly RunsElsewhere[];
  /** The tools of servers in other processes, for servers that call tools. */
  mounted?: () => ToolCalls | undefined;
  /** Servers whose runs workers on other machines take. */
  delegated?: ReadonlySet<string>;
  /** Those of them whose other calls are carried out there too. */
  forward?: ReadonlyMap<string, Elsewhere>;
  /** This process serves for long: it does the background work of its servers as well. */
  background?: boolean;
  /** It serves over HTTP: whether or not a client is there. */
  longLived?: boolean;
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
  /** Pages of the servers for the HTTP front door. */
  pages: readonly BoundPage[];
  hooks: readonly BoundHook[];
  close(): Promise<void>;
}

/** The lane of the tools that every front door has; it has no services of its own. */
const FLEET: ServerDefinition = { name: 'fleet', title: 'Fleet', instructions: '', tools: [] };

/** The composition root: the same for the hub and for every server alone. */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { config, log } = options;
  const settings = toolSettings(config);
  const { delegated = new Set<string>(), forward = new Map<string, Elsewhere>() } = options;
  const here = options.servers.filter(({ name }) => !forward.has(name));
  const services = await openServices(options, options.servers, delegated);
  const calls = toolCalls({
    tools: () => [...lanes.values()].flat(),
    direct: () => direct,
    engine: services.engine,
    elsewhere: () => options.mounted?.(),
  });
  const own = new Map<string, ServerServices>(
    [...options.servers, FLEET].map((server) => [
      server.name,
      serverServices(server, {
        services,
        settings,
        config,
        log,
        calls,
        refusesCall: (tool, args, principal) => refusesCall(tool, args, principal),
        longLived: options.longLived ?? false,
      }),
    ]),
  );
  const hostOf = (name: string): ServiceHost => (own.get(name) as ServerServices).host;
  const useOf = (compiled: CompiledTool): ToolContext['use'] => hostOf(compiled.lane).use;
  const { inventory } = services;
  const gate = createGate({ policy: config.policy, hosts: (words) => inventory.guards(words) });
  const filter = clientFilter(config.clients);
  const refusesCall = callRule(gate, filter);
  const fleet = fleetTools({
    config,
    identity: options.identity,
    services,
    ring: options.ring,
    gate,
    probes: options.probes ?? (() => []),
    elsewhere: options.elsewhere ?? (() => []),
  }).map((tool) => compileTool(tool, 'fleet'));
  const lanes = new Map<string, readonly CompiledTool[]>([
    ['fleet', fleet],
    ...options.servers.map((server) => [server.name, compileServer(server)] as const),
  ]);
  const callerOptions: CallerOptions = {
    gate,
    audit: services.audit,
    redactor: services.redactor,
    log,
    runs: services.engine.runs,
    context: ({ compiled, principal, signal, progress, log: callLog }) => ({
      principal,
      signal,
      progress,
      log: callLog,
      hosts: services.hosts,
      settings,
      use: useOf(compiled),
    }),
    syncWaitMs: config.jobs.syncWaitMs,
    limits: config.limits,
    clientFilter: filter,
    elsewhere: ({ lane }) => forward.get(lane),
  };
  const call = createCaller(callerOptions);
  const direct: DirectCaller = createDirectCaller(callerOptions);
  const executed = [...lanes].flatMap(([lane, tools]) => (delegated.has(lane) ? [] : tools));
  services.engine.register(jobHandlers(executed, services.hosts, settings, useOf));
  await services.engine.start();
  const background = options.background
    ? here.map(({ name, background: work = [] }) =>
        startBackground(name, work, hostOf(name), services.engine),
      )
    : [];
  const pages = boundPages(here, hostOf);
  return {
    config,
    log,
    services,
    gate,
    clientFilter: filter,
    lanes,
    call,
    pages,
    hooks: boundHooks(here, hostOf),
    async close() {
      await Promise.all(background.map((one) => one.stop()));
      // Runs under way are let go first: to one that lost its services this would look like a failure.
      await services.engine.stop();
      await Promise.all([...own.values()].map((one) => one.close()));
      await services.close();
    },
  };
}
