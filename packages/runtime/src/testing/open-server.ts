import type { Failure, ServerDefinition, ToolAnswer } from '@flotilla/core';
import { localPrincipal } from '../identity.ts';
import { type Environment, openProcess } from '../open-process.ts';
import { createRuntime, type Runtime } from '../runtime.ts';

/** How to log in to a host. */
export interface ServedHost {
  host: string;
  port: number;
  user: string;
  keyPath: string;
}

/** A server as one process of its own, without a transport: calls go the way of a client over stdio. */
export interface OpenServer {
  readonly runtime: Runtime;
  /** Calls a tool of the server, or one that every server has (server_add, task_wait, …). */
  call(name: string, args?: Record<string, unknown>, signal?: AbortSignal): Promise<ToolAnswer>;
  /** The output of a call that must succeed, with the text beside it. */
  ok<T = Record<string, unknown>>(
    name: string,
    args?: Record<string, unknown>,
  ): Promise<T & { text: string }>;
  /** What a call that must succeed says of its only host. */
  row<T = Record<string, unknown>>(
    name: string,
    args?: Record<string, unknown>,
  ): Promise<T & { text: string }>;
  /** The failure of a call that must fail. */
  fails(name: string, args?: Record<string, unknown>): Promise<Failure>;
  /** Registers a host as a person does, or changes it. */
  addHost(alias: string, host: ServedHost, more?: { groups?: string[] }): Promise<void>;
  /** Ends the process and starts another one on the same data folder: what was under way is taken up again. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export const textOf = (answer: ToolAnswer): string =>
  answer.content.map((block) => ('text' in block ? String(block.text) : '')).join('\n');

/** `env`: at least HOME; an empty folder there is a fresh data folder. `background`: does the server's background work. */
export async function openServer(
  server: ServerDefinition,
  env: Environment,
  options: { background?: boolean; longLived?: boolean } = {},
): Promise<OpenServer> {
  const base = await openProcess({ LOG_LEVEL: 'fatal', ...env });
  const open = (): Promise<Runtime> => createRuntime({ ...base, ...options, servers: [server] });
  let runtime = await open();
  const principal = localPrincipal('stdio', base.identity);
  const call: OpenServer['call'] = async (name, args = {}, signal = new AbortController().signal) => {
    const compiled = [...runtime.lanes.values()].flat().find(({ tool }) => tool.name === name);
    if (!compiled) throw new Error(`${server.name} has no tool ${name}`);
    return runtime.call(compiled, { name, args, principal, signal });
  };
  const ok: OpenServer['ok'] = async (name, args) => {
    const answer = await call(name, args);
    if (answer.isError) throw new Error(`${name} failed: ${textOf(answer)}`);
    return { ...(answer.structuredContent as object), text: textOf(answer) } as never;
  };
  return {
    get runtime() {
      return runtime;
    },
    call,
    ok,
    row: async (name, args) => {
      const { rows, text } = await ok<{ rows: object[] }>(name, args);
      if (rows.length !== 1) throw new Error(`${name} has ${rows.length} rows`);
      return { text, ...rows[0] } as never;
    },
    addHost: async (alias, { host, port, user, keyPath }, more = {}) => {
      const { inventory } = runtime.services;
      await inventory.save({ alias, host, port, user, keyPath, ...more }, { person: true });
    },
    fails: async (name, args) => {
      const answer = await call(name, args);
      const failure = answer.structuredContent as Failure | undefined;
      if (!answer.isError || failure?.error !== true)
        throw new Error(`${name} did not fail: ${textOf(answer)}`);
      return failure;
    },
    restart: async () => {
      await runtime.close();
      runtime = await open();
    },
    close: () => runtime.close(),
  };
}
