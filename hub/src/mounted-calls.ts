import {
  type CalledRun,
  type CallOptions,
  type CallResult,
  type CompiledTool,
  type ErrorCode,
  type Failure,
  FlotillaError,
  type KnownTool,
  type ToolAnswer,
  type ToolCalls,
} from '@flotilla/core';
import { knownTool } from '@flotilla/runtime';
import { secretFields } from './audited-arguments.ts';
import type { HubEndpoint } from './endpoint.ts';
import { failureOfAnswer } from './failure-of-answer.ts';
import type { Route } from './registry.ts';

export interface MountedCallsOptions {
  endpoint: HubEndpoint;
  /** What this hub knows itself of a tool that one of our servers holds in another process. */
  definition(lane: string, tool: string): CompiledTool | undefined;
}

/** The tools of servers in other processes, for servers of this hub that call tools. */
export function mountedCalls({ endpoint, definition }: MountedCallsOptions): ToolCalls {
  const remote = ({ backend }: Route): boolean => backend.kind !== 'local';
  const ask = async (name: string, args: unknown, options: CallOptions): Promise<ToolAnswer> => {
    const { principal, signal, onProgress } = options;
    return endpoint.callTool({ name, args, principal, signal, ...(onProgress && { onProgress }) });
  };
  const succeed = async (name: string, args: unknown, options: CallOptions) =>
    structuredOutput(await ask(name, args, options));
  return {
    find: (name) => {
      const route = endpoint.registry.get(name);
      if (!route || !remote(route)) return undefined;
      const { backend, tool } = route;
      const known = backend.own ? definition(backend.name, tool.remoteName) : undefined;
      return known ? knownTool(known, tool.published) : foreignTool(route);
    },
    names: () => endpoint.registry.routes.filter(remote).map(({ tool }) => tool.gateTool.name),
    settled: (withinMs) => endpoint.settled(withinMs),
    call: async (name, args, options): Promise<CallResult> => {
      const { idempotencyKey } = options;
      const takesKey = Object.hasOwn(propertiesOf(endpoint.registry.get(name)), 'idempotencyKey');
      const keyed = idempotencyKey !== undefined && takesKey ? { ...(args as object), idempotencyKey } : args;
      const answer = await ask(name, keyed, options);
      const output = structuredOutput(answer);
      const { run } = output as { run?: { id?: unknown } };
      if (typeof run?.id === 'string') return { runId: run.id, existing: false };
      return { output, isError: answer.isError ?? false };
    },
    wait: async (id, waitMs, options): Promise<CalledRun> => {
      const seconds = Math.min(45, waitMs / 1000);
      const run = (await succeed('task_wait', { id, seconds }, options)) as {
        state: CalledRun['state'];
        output?: Record<string, unknown>;
        isError?: boolean;
        code?: ErrorCode;
        reason?: string;
        details?: Record<string, unknown>;
        hint?: string;
        waitingFor?: string;
      };
      const { state, output, isError, code, waitingFor } = run;
      return {
        id,
        state,
        ...(output && { output }),
        ...(isError !== undefined && { isError }),
        ...(waitingFor !== undefined && { waitingFor }),
        ...(code && { failure: { ...failureOf(code, run), timestamp: new Date().toISOString() } }),
      };
    },
    cancel: async (id, principal) => {
      await succeed('task_cancel', { id }, { principal, signal: new AbortController().signal });
    },
  };
}

const failureOf = (
  code: ErrorCode,
  { reason, details, hint }: { reason?: string; details?: Record<string, unknown>; hint?: string },
): Omit<Failure, 'timestamp'> => ({
  error: true,
  code,
  message: reason ?? '',
  details: details ?? {},
  hint: hint ?? '',
});

const propertiesOf = (route: Route | undefined): Record<string, unknown> =>
  (route?.tool.published.inputSchema['properties'] ?? {}) as Record<string, unknown>;

/** A tool of somebody else's server: its own validation decides, here only what is certainly wrong is found. */
function foreignTool(route: Route): KnownTool {
  const { published, gateTool } = route.tool;
  return {
    name: gateTool.name,
    server: route.backend.name,
    ...(published.title !== undefined && { title: published.title }),
    ...(published.description !== undefined && { description: published.description }),
    maxEffect: gateTool.maxEffect,
    job: false,
    inputSchema: published.inputSchema,
    ...(published.outputSchema && { outputSchema: published.outputSchema }),
    secretPaths: secretFields(published.inputSchema),
    check: (args) => {
      if (typeof args !== 'object' || args === null || Array.isArray(args))
        throw new FlotillaError('INVALID_INPUT', 'The arguments must be an object.');
      const { required, additionalProperties } = published.inputSchema;
      const missing = Array.isArray(required) ? required.filter((name) => !Object.hasOwn(args, name)) : [];
      const known = propertiesOf(route);
      const unknown =
        additionalProperties === false ? Object.keys(args).filter((name) => !Object.hasOwn(known, name)) : [];
      const problems = [
        ...missing.map((name) => `${name}: missing`),
        ...unknown.map((name) => `unknown ${JSON.stringify(name.slice(0, 80))}`),
      ];
      if (problems.length > 0)
        throw new FlotillaError('INVALID_INPUT', `${gateTool.name}: ${problems.slice(0, 5).join('; ')}`);
      return { effect: gateTool.maxEffect, aliases: [] };
    },
  };
}

/** Throws the failure that an answer carries. */
function structuredOutput(answer: ToolAnswer): Record<string, unknown> {
  const output = answer.structuredContent as Record<string, unknown> | undefined;
  if (output === undefined) return { text: textOf(answer) };
  const failure = failureOfAnswer(answer);
  if (failure) throw failure;
  return output;
}

const textOf = ({ content }: ToolAnswer): string =>
  content.map((block) => ('text' in block ? String(block.text) : '')).join('\n');
