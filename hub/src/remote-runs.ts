import { FlotillaError, type IncomingCall, type ToolAnswer } from '@flotilla/core';
import type { Asking, RunsElsewhere } from '@flotilla/fleet';
import type { Backend, MountedTool } from './backend/backend.ts';
import type { Route } from './registry.ts';

/** Tools that take the id of a run. */
const BY_ID = ['task_status', 'task_wait', 'task_output', 'task_cancel', 'task_answer', 'task_retry'];
const MAX_KNOWN = 10_000;
const ASK_MS = 5_000;

export interface RemoteRunsOptions {
  backends: () => readonly Backend[];
  /** Is it a run of this hub's own data folder? */
  knowsRun: (id: string) => boolean;
}

/** Runs that live in the data folder of a `url` mount of ours: remembers which, so that their ids work here too. */
export class RemoteRuns {
  readonly #options: RemoteRunsOptions;
  readonly #owners = new Map<string, Backend>();

  constructor(options: RemoteRunsOptions) {
    this.#options = options;
  }

  /** Takes note of the run that an answer of this mount is the handle of. */
  note(backend: Backend, answer: ToolAnswer): void {
    const id = (answer.structuredContent as { run?: { id?: unknown } } | undefined)?.run?.id;
    if (holdsRuns(backend) && typeof id === 'string') this.#remember(id, backend);
  }

  /** Where a call about a run has to go; undefined: this hub answers itself. */
  async route(call: IncomingCall): Promise<Route | undefined> {
    const id = (call.args as { id?: unknown } | undefined)?.id;
    if (typeof id !== 'string' || !BY_ID.includes(call.name) || this.#options.knowsRun(id)) return undefined;
    const owner = this.#owners.get(id) ?? (await this.#ask(id, call));
    const tool = owner && toolOf(owner, call.name);
    return owner && tool ? { backend: owner, tool } : undefined;
  }

  /** The mounts whose runs belong into the lists of this hub, to be asked one by one. */
  elsewhere(): RunsElsewhere[] {
    return this.#options
      .backends()
      .filter(holdsRuns)
      .map((backend) => ({
        mount: backend.name,
        ask: (tool, args, call) => this.#list(backend, tool, args, call),
      }));
  }

  async #list(
    backend: Backend,
    name: string,
    args: Record<string, unknown>,
    { principal, signal }: Asking,
  ): Promise<Record<string, unknown>> {
    const tool = connectedTool(backend, name);
    const answer = await backend.call({ name, args, principal, signal, tool, hubCall: { principal } });
    const data = (answer.structuredContent ?? {}) as { error?: unknown; code?: unknown; rows?: unknown };
    if (data.error === true)
      throw new FlotillaError('SERVER_UNAVAILABLE', `${name} failed there.`, {
        details: { code: String(data.code).slice(0, 64) },
      });
    for (const row of Array.isArray(data.rows) ? (data.rows as ({ id?: unknown } | null)[]) : [])
      if (typeof row?.id === 'string') this.#remember(row.id, backend);
    return data;
  }

  async #ask(id: string, call: IncomingCall): Promise<Backend | undefined> {
    const candidates = this.#options.backends().filter(holdsRuns);
    const signal = AbortSignal.any([call.signal, AbortSignal.timeout(ASK_MS)]);
    const asked = await Promise.allSettled(candidates.map((backend) => has(backend, id, call, signal)));
    const owner = candidates.find((_, index) => isTrue(asked[index]));
    if (owner) this.#remember(id, owner);
    const silent = candidates
      .filter((_, index) => asked[index]?.status === 'rejected')
      .map(({ name }) => name);
    if (owner || silent.length === 0) return owner;
    throw new FlotillaError(
      'SERVER_UNAVAILABLE',
      `${id} is not a run of this hub, and ${silent.join(', ')} could not be asked whether it is theirs.`,
      { details: { id, servers: silent } },
    );
  }

  #remember(id: string, backend: Backend): void {
    this.#owners.delete(id);
    this.#owners.set(id, backend);
    const oldest = this.#owners.keys().next();
    if (this.#owners.size > MAX_KNOWN && !oldest.done) this.#owners.delete(oldest.value);
  }
}

/** A stdio child of ours shares our data folder; only one behind a `url` has runs of its own. */
const holdsRuns = (backend: Backend): boolean => backend.own && backend.kind === 'http';

const toolOf = (backend: Backend, name: string): MountedTool | undefined =>
  backend.listTools().find((tool) => tool.remoteName === name);

/** A list does not wait for a mount that is known to be away. */
function connectedTool(backend: Backend, name: string): MountedTool {
  const { state } = backend;
  const tool = toolOf(backend, name);
  if (state.status === 'ready' && tool) return tool;
  const why = state.status === 'ready' ? `it has no tool ${name}` : `it is ${state.status}`;
  throw new FlotillaError(
    'SERVER_UNAVAILABLE',
    state.status === 'unavailable' ? `${why}: ${state.cause}` : why,
  );
}

async function has(backend: Backend, id: string, call: IncomingCall, signal: AbortSignal): Promise<boolean> {
  const tool = toolOf(backend, 'task_status');
  if (!tool) {
    if (backend.state.status === 'ready') return false;
    throw new FlotillaError('SERVER_UNAVAILABLE', `${backend.name} is not connected.`);
  }
  const hubCall = { principal: call.principal };
  const { principal } = call;
  const answer = await backend.call({ name: 'task_status', args: { id }, principal, signal, tool, hubCall });
  const data = answer.structuredContent as { error?: unknown; code?: unknown } | undefined;
  if (data?.error === true && data.code !== 'NOT_FOUND') throw new Error(`${backend.name} did not say`);
  return data?.error !== true;
}

const isTrue = (result: PromiseSettledResult<boolean> | undefined): boolean =>
  result?.status === 'fulfilled' && result.value;
