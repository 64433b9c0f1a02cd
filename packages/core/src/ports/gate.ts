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

/** The audit log: a begin row before the effect, an end row after it. */
export interface Audit {
  begin(entry: AuditEntry): { end(outcome: AuditOutcome): void };
}
