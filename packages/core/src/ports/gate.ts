import type { Effect } from '../effects.ts';
import type { FlotillaError } from '../errors.ts';
import type { Principal } from '../principal.ts';

/** What the gate knows of a tool: the same for listing and calling. */
export interface GateTool {
  name: string;
  lane: string;
  maxEffect: Effect;
}

export interface GateCall {
  effect: Effect;
  aliases: readonly string[];
  /** Validated arguments, for rules that depend on them. */
  args: Record<string, unknown>;
}

/**
 * One pure decision for list and call; it can only subtract. `call` absent: may the tool be listed?
 * Returns the refusal (DENIED, APPROVAL_REQUIRED, RATE_LIMITED), or undefined.
 */
export type Gate = (principal: Principal, tool: GateTool, call?: GateCall) => FlotillaError | undefined;

export interface AuditEntry {
  principal: string;
  client?: string;
  tool: string;
  effect: Effect;
  aliases: readonly string[];
  /** Arguments with secrets replaced, capped. */
  args: Record<string, unknown>;
}

export interface AuditOutcome {
  result: 'ok' | 'error' | 'denied' | 'run';
  code?: string;
  runId?: string;
  durationMs: number;
}

export interface AuditQuery {
  /** Part of the tool's name, of an argument or an alias; case does not matter for ASCII. */
  text?: string | undefined;
  alias?: string | undefined;
  /** A name, or a glob with `*`. */
  tool?: string | undefined;
  principal?: string | undefined;
  /** UTC epoch milliseconds, from and until. */
  since?: number | undefined;
  until?: number | undefined;
  /** Default 50, at most 1,000. */
  limit?: number | undefined;
}

/** One call: its begin row joined with its end row. `result: 'open'` = it runs, or the process died in it. */
export interface AuditCall {
  seq: number;
  time: number;
  tool: string;
  principal: string;
  client?: string;
  effect: Effect;
  aliases: string[];
  args: Record<string, unknown>;
  result: 'ok' | 'error' | 'denied' | 'run' | 'open';
  code?: string;
  runId?: string;
  durationMs?: number;
}

export interface AuditFound {
  /** Newest first. */
  calls: AuditCall[];
  /** There are older ones that match. */
  more: boolean;
}

/** What was done, for those who explain what happened. */
export interface AuditReader {
  search(query?: AuditQuery): AuditFound;
}

/** The audit log: a begin row before the effect, an end row after it. */
export interface Audit {
  begin(entry: AuditEntry): { end(outcome: AuditOutcome): void };
}
