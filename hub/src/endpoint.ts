import {
  answerForFailure,
  FlotillaError,
  failureOf,
  type IncomingCall,
  isFlotillaError,
  type ToolEndpoint,
} from '@flotilla/core';
import type { RunsElsewhere } from '@flotilla/fleet';
import type { Backend } from './backend/backend.ts';
import { Changes } from './changes.ts';
import { buildRegistry, type Registry, type Route } from './registry.ts';
import { callRemote, type RemoteAdmission } from './remote-admission.ts';
import { RemoteRuns } from './remote-runs.ts';
import { settled } from './settled.ts';

export interface HubEndpointOptions extends RemoteAdmission {
  info: ToolEndpoint['info'];
  backends: readonly Backend[];
  /** Is it a run of this hub's own data folder? */
  knowsRun: (id: string) => boolean;
}

export interface HubEndpoint extends ToolEndpoint {
  readonly registry: Registry;
  /** Resolves when every mount has been tried once, or after this many milliseconds. */
  settled(withinMs: number): Promise<void>;
  /** Mounts with runs of their own, for the lists of runs. */
  runsElsewhere(): RunsElsewhere[];
  /** Ends every mount. */
  close(): Promise<void>;
}

/** All mounts as one server. The same gate filters the list and lets calls through. */
export function hubEndpoint(options: HubEndpointOptions): HubEndpoint {
  const { info, backends, gate, clientFilter, log, redactor } = options;
  let registry = buildRegistry(backends);
  const changes = new Changes();
  const runs = new RemoteRuns({ backends: () => backends, knowsRun: options.knowsRun });
  const unsubscribe = backends.map((backend) =>
    backend.onChange(() => {
      const next = buildRegistry(backends);
      if (sameTools(registry, next)) return;
      registry = next;
      for (const collision of next.collisions) log.debug(collision, 'a tool is hidden by another mount');
      changes.tell();
    }),
  );

  /** A name that is not known yet may be one of a mount that is still connecting for the first time. */
  async function find(call: IncomingCall): Promise<Route> {
    const known = registry.get(call.name);
    if (known) return known;
    const pending = backends.filter(
      (backend) =>
        backend.state.status === 'connecting' &&
        backend.listTools().length === 0 &&
        (backend.own || call.name.startsWith(`${backend.name}__`)),
    );
    await Promise.race([Promise.all(pending.map((backend) => backend.settled)), aborted(call.signal)]);
    const found = registry.get(call.name);
    if (found) return found;
    throw new FlotillaError('NOT_FOUND', `There is no tool ${JSON.stringify(call.name.slice(0, 100))}.`);
  }

  return {
    info,
    get registry() {
      return registry;
    },
    listTools: (principal) =>
      registry.routes
        .filter(({ tool }) => clientFilter?.(principal, tool.gateTool.name) !== false)
        .filter(({ tool }) => gate(principal, tool.gateTool) === undefined)
        .map(({ tool }) => tool.published),
    async callTool(call) {
      const route = await find(call);
      try {
        const elsewhere = route.backend.kind === 'local' ? await runs.route(call) : undefined;
        if (route.backend.kind === 'local' && !elsewhere)
          return await route.backend.call({ ...call, tool: route.tool });
        const target = elsewhere ?? route;
        const answer = await callRemote(options, target, call);
        runs.note(target.backend, answer);
        return answer;
      } catch (error) {
        if (!isFlotillaError(error)) throw error;
        return answerForFailure(failureOf(error), { redactor });
      }
    },
    onToolsChanged: (listener) => changes.listen(listener),
    runsElsewhere: () => runs.elsewhere(),
    settled: (withinMs) => settled(backends, withinMs),
    async close() {
      for (const stop of unsubscribe) stop();
      await Promise.allSettled(backends.map((backend) => backend.close()));
    },
  };
}

/** Compares by identity: an unchanged mount hands out the same objects. */
function sameTools(a: Registry, b: Registry): boolean {
  return (
    a.routes.length === b.routes.length &&
    a.routes.every((route, index) => route.tool === b.routes[index]?.tool)
  );
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
