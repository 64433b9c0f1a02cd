import type { Effect } from '../effects.ts';
import type { Principal } from '../principal.ts';
import type { RunView } from './runs.ts';
import type { Progress } from './steps.ts';

/** A tool as work that calls it later knows it. */
export interface KnownTool {
  /** As clients see it. */
  name: string;
  /** The server that holds it. */
  server: string;
  title?: string;
  description?: string;
  /** The most that any call of it can do. */
  maxEffect: Effect;
  /** Its calls are durable runs. */
  job: boolean;
  /** JSON Schema. */
  inputSchema: Record<string, unknown>;
  outputSchema?: Record<string, unknown>;
  /** Dotted paths of arguments that are secrets. */
  secretPaths: readonly string[];
  /**
   * What a call would be told before it does anything: INVALID_INPUT names the argument. Returns the effect of these
   * arguments and the aliases that they name.
   */
  check(args: unknown): { effect: Effect; aliases: readonly string[] };
}

export interface CallOptions {
  /** On whose behalf: admitted and audited as a call of theirs. */
  principal: Principal;
  signal: AbortSignal;
  /** Of a job tool: a second call with the same key and arguments answers with the first one's run. */
  idempotencyKey?: string;
  onProgress?(update: Progress): void;
}

/**
 * What a call came to: its result, or the run that it became. A tool of somebody else's server without structured
 * output has `{ text }`.
 */
export type CallResult =
  | { output: Record<string, unknown>; isError: boolean }
  | { runId: string; existing: boolean };

/** How a run that a call became stands. */
export type CalledRun = Pick<
  RunView,
  'id' | 'state' | 'output' | 'isError' | 'failure' | 'waitingFor' | 'progress'
>;

/** All tools that this process offers to its clients, for servers whose work is to call tools: schedules, pipelines. */
export interface ToolCalls {
  find(name: string): KnownTool | undefined;
  names(): readonly string[];
  /** Resolves when every server in another process has been tried once: until then a tool may still come. */
  settled?(withinMs: number): Promise<void>;
  /**
   * Admits, audits and calls. A job tool's run is stored when this resolves; nobody waits for it.
   * Throws what the call answers with: NOT_FOUND, INVALID_INPUT, DENIED, and what the tool throws.
   */
  call(name: string, args: unknown, options: CallOptions): Promise<CallResult>;
  /**
   * Resolves when the run ended, asks a question, or after `waitMs`. A run that ended without an output has a failure.
   * NOT_FOUND, SERVER_UNAVAILABLE.
   */
  wait(runId: string, waitMs: number, options: CallOptions): Promise<CalledRun>;
  /** NOT_FOUND; CONFLICT when it has ended. */
  cancel(runId: string, principal: Principal): Promise<void>;
}
