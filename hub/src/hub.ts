import {
  type CompiledTool,
  compileServer,
  FlotillaError,
  type ServerDefinition,
  type ToolCalls,
} from '@flotilla/core';
import type { FlotillaConfig } from '@flotilla/core/config';
import {
  createRuntime,
  fillInMounts,
  type HubSide,
  openHubSide,
  type ProcessBase,
  type Runtime,
  VERSION,
} from '@flotilla/runtime';
import type { Presence } from '@flotilla/workers';
import type { Backend } from './backend/backend.ts';
import { localBackend } from './backend/local.ts';
import { BUILT_IN } from './built-in.ts';
import { delegatedServers } from './delegated.ts';
import { type HubEndpoint, hubEndpoint } from './endpoint.ts';
import { INFO } from './info.ts';
import { mountedCalls } from './mounted-calls.ts';
import { openMounts } from './mounts.ts';
import { mountsProbe } from './mounts-probe.ts';
import { settled } from './settled.ts';
import { WORKABLE } from './workable.ts';
import { workersProbe } from './workers-probe.ts';

/** One process that fronts every mounted server: what `flotilla serve` serves and what the command line calls. */
export interface Hub {
  endpoint: HubEndpoint;
  runtime: Runtime;
  backends: readonly Backend[];
  /** What it knows and says of workers on other machines; of a hub that serves over HTTP. */
  workers?: HubSide;
  /** Resolves when every server in another process has been tried once, or after this many milliseconds. */
  settled(withinMs: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the data folder and every mount. `background`: this process serves for long and does the regular work of its
 * servers as well; `longLived`: over HTTP. Throws what a broken data folder or config deserves.
 */
export async function openHub(
  base: ProcessBase,
  options: { background?: boolean; longLived?: boolean } = {},
): Promise<Hub> {
  const { config, identity, log, redactor } = base;
  refuseUnknownSettings(config);
  const servers = mountedInProcess(config);
  const delegated = delegatedServers(config);
  const backends: Backend[] = [];
  const workers: Backend[] = [];
  let side: HubSide | undefined;
  let present: Presence | undefined;
  let endpoint: HubEndpoint | undefined;
  let mounted: ToolCalls | undefined;
  const runtime = await createRuntime({
    ...base,
    ...options,
    servers,
    delegated: delegated.names,
    forward: delegated.forward,
    probes: () => [
      mountsProbe(backends),
      ...(delegated.names.size + delegated.withoutQueue.length > 0
        ? [workersProbe(delegated, () => present, workers)]
        : []),
    ],
    elsewhere: () => endpoint?.runsElsewhere() ?? [],
    mounted: () => mounted,
  });
  present = runtime.services.presence;
  try {
    for (const [name, tools] of runtime.lanes) backends.push(localBackend(name, tools, runtime.call));
    const remote = await openMounts({
      mounts: fillInMounts(config.mounts ?? [], runtime.services),
      ownNames: BUILT_IN.map(({ name }) => name),
      environment: identity.environment,
      dataDir: config.dataDir,
      log,
      hubVersion: VERSION,
    });
    backends.push(...remote);
    if (options.longLived || delegated.forward.size > 0) {
      const onWorker = (lanes: readonly string[]): void => {
        for (const worker of workers) if (lanes.includes(worker.name)) worker.expect();
      };
      const { services } = runtime;
      side = await openHubSide({ config, services, servers: WORKABLE, identity, log, onWorker });
      workers.push(...(await delegated.connect(base, side, VERSION)));
    }
  } catch (error) {
    await runtime.close();
    throw error;
  }
  const { engine, audit } = runtime.services;
  const known = definitions();
  const definition = (lane: string, tool: string) =>
    known()
      .get(lane)
      ?.find((compiled) => compiled.tool.name === tool);
  const front = hubEndpoint({
    info: INFO,
    backends,
    knowsRun: engine.knows,
    gate: runtime.gate,
    audit,
    redactor,
    log,
    clientFilter: runtime.clientFilter,
    definition,
  });
  endpoint = front;
  mounted = mountedCalls({ endpoint: front, definition });
  return {
    endpoint: front,
    runtime,
    backends,
    ...(side && { workers: side }),
    settled: (withinMs) => settled([...backends, ...workers], withinMs),
    async close() {
      await front.close();
      await Promise.allSettled(workers.map((worker) => worker.close()));
      await runtime.close();
    },
  };
}

/** Settings of a server that nobody has: most likely a misspelt name. */
function refuseUnknownSettings({ servers, mounts = [], configFile }: FlotillaConfig): void {
  const known = new Set([...BUILT_IN, ...mounts].map(({ name }) => name));
  const unknown = Object.keys(servers).find((name) => !known.has(name));
  if (unknown === undefined) return;
  throw new FlotillaError(
    'INVALID_INPUT',
    `The config has settings for ${JSON.stringify(unknown)}, which is no server.`,
    {
      details: { file: configFile, key: `servers.${unknown}` },
      hint: `Under "servers" may stand: ${[...known].join(', ')}.`,
    },
  );
}

function mountedInProcess(config: FlotillaConfig): ServerDefinition[] {
  if (!config.mounts) return [...BUILT_IN];
  return config.mounts
    .filter((mount) => !mount.disabled)
    .flatMap((mount) => {
      if (mount.kind !== 'builtin' && mount.kind !== 'worker') return [];
      const wanted = mount.kind === 'worker' ? mount.name : mount.builtin;
      const server = BUILT_IN.find(({ name }) => name === wanted);
      if (server) return [server];
      throw new FlotillaError('INVALID_INPUT', `There is no built-in server ${JSON.stringify(wanted)}.`, {
        details: { file: config.configFile, builtIn: BUILT_IN.map(({ name }) => name) },
        hint: `Built in are ${BUILT_IN.map(({ name }) => name).join(', ')}; others need "command" or "url".`,
      });
    });
}

/** What this hub knows of our servers' tools when they run in another process; made when first needed. */
function definitions(): () => ReadonlyMap<string, readonly CompiledTool[]> {
  let made: Map<string, readonly CompiledTool[]> | undefined;
  return () => {
    made ??= new Map(BUILT_IN.map((server) => [server.name, compileServer(server)]));
    return made;
  };
}
