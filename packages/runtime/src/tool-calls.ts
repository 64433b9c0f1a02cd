import {
  aliasesOf,
  type CompiledTool,
  type DirectCaller,
  effectOf,
  FlotillaError,
  type Gate,
  type KnownTool,
  type Principal,
  parseInput,
  runFailure,
  type ServiceHost,
  type ToolCalls,
} from '@flotilla/core';
import type { RunsEngine } from '@flotilla/jobs';

export interface ToolCallsParts {
  /** Looked up at every call: the tools of this process are not complete while its services are made. */
  tools(): Iterable<CompiledTool>;
  direct(): DirectCaller;
  engine: RunsEngine;
  /** Tools of servers in other processes, whose runs may be theirs too. */
  elsewhere(): ToolCalls | undefined;
}

/** The tools of this process and of its mounts, for servers whose work is to call tools. */
export function toolCalls({ tools, direct, engine, elsewhere }: ToolCallsParts): ToolCalls {
  const compiled = (name: string): CompiledTool | undefined => {
    for (const one of tools()) if (one.tool.name === name) return one;
    return undefined;
  };
  const mounted = (what: string): ToolCalls => {
    const others = elsewhere();
    if (others) return others;
    throw new FlotillaError('NOT_FOUND', `There is no ${what}.`);
  };
  return {
    find: (name) => {
      const own = compiled(name);
      return own ? knownTool(own) : elsewhere()?.find(name);
    },
    names: () => [...new Set([...tools()].map(({ tool }) => tool.name).concat(elsewhere()?.names() ?? []))],
    settled: async (withinMs) => elsewhere()?.settled?.(withinMs),
    call: async (name, args, options) => {
      const own = compiled(name);
      if (!own) return mounted(`tool ${JSON.stringify(name.slice(0, 100))}`).call(name, args, options);
      const { idempotencyKey, ...call } = options;
      return direct()(own, { name, args, ...call }, idempotencyKey);
    },
    wait: async (runId, waitMs, options) => {
      if (!engine.knows(runId)) return mounted(`run ${runId}`).wait(runId, waitMs, options);
      const view = await engine.runs.wait(runId, waitMs, { signal: options.signal });
      const failure = runFailure(view);
      return { ...view, ...(failure && { failure }) };
    },
    cancel: async (runId, principal) => {
      if (!engine.knows(runId)) return mounted(`run ${runId}`).cancel(runId, principal);
      await engine.cancel(runId, principal);
    },
  };
}

/** What a front door would say to a call that is made later, without making it. */
export const callRule =
  (gate: Gate, offered: (principal: Principal, tool: string) => boolean): ServiceHost['refusesCall'] =>
  ({ name, server, maxEffect, check }, args, principal) => {
    const { effect, aliases } = check(args);
    if (!offered(principal, name))
      return new FlotillaError('DENIED', `${name} is not offered to this client.`);
    return gate(principal, { name, lane: server, maxEffect }, { effect, aliases, args });
  };

/** One of our own tools, wherever it runs. */
export function knownTool(compiled: CompiledTool, published = compiled.published): KnownTool {
  const { tool, lane, gateTool, secretPaths } = compiled;
  return {
    name: published.name,
    server: lane,
    ...(published.title !== undefined && { title: published.title }),
    ...(published.description !== undefined && { description: published.description }),
    maxEffect: gateTool.maxEffect,
    job: tool.job !== undefined,
    inputSchema: published.inputSchema,
    ...(published.outputSchema && { outputSchema: published.outputSchema }),
    secretPaths,
    check: (args) => {
      const input = parseInput(tool, args);
      return { effect: effectOf(tool.effect, input), aliases: aliasesOf(tool, input) };
    },
  };
}
