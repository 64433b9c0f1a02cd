import type { IncomingCall } from '../endpoint.ts';
import type { FlotillaError } from '../errors.ts';
import type { Logger } from '../logging.ts';
import type { Audit, AuditOutcome, Gate } from '../ports/gate.ts';
import type { Runs } from '../ports/runs.ts';
import type { Redactor } from '../ports/secrets.ts';
import type { Progress } from '../ports/steps.ts';
import type { Principal } from '../principal.ts';
import { becomesRun, whenAdmitted } from './admitted-call.ts';
import type { ToolAnswer } from './answer.ts';
import { callInline } from './call-inline.ts';
import { callAsRun } from './call-run.ts';
import type { CompiledTool } from './compile.ts';
import type { ToolContext } from './context.ts';
import { answerForFailure, failureOf } from './failure-answer.ts';
import type { HandlerResult } from './handler.ts';
import type { AnswerLimits } from './shape.ts';

/** What core hands to the composition root to make a handler's context from. */
export interface ContextBase {
  compiled: CompiledTool;
  principal: Principal;
  signal: AbortSignal;
  progress(update: Progress): void;
  log: Logger;
}

export interface CallerOptions {
  gate: Gate;
  audit: Audit;
  redactor: Redactor;
  log: Logger;
  /** Absent: job tools answer UNSUPPORTED. */
  runs?: Runs;
  context(base: ContextBase): ToolContext;
  /** Longest wait for a run before its handle is the answer. */
  syncWaitMs: number;
  /** Time limit of a call that is not a run; TIMEOUT beyond. Default 300,000. */
  inlineTimeoutMs?: number;
  limits?: Partial<AnswerLimits>;
  /** A call that another process carries out: undefined = this one does. It is admitted, audited and shaped here. */
  elsewhere?(compiled: CompiledTool): Elsewhere | undefined;
  /** May this client see and call the tool? */
  clientFilter?(principal: Principal, tool: string): boolean;
}

/** A validated, admitted call on its way to the handler. */
export interface AdmittedCall {
  compiled: CompiledTool;
  call: IncomingCall;
  principal: Principal;
  input: Record<string, unknown>;
  aliases: readonly string[];
  progress(update: Progress): void;
  log: Logger;
}

/** Carries an admitted call out; throws what its handler would. `signal` ends it. */
export type Elsewhere = (call: AdmittedCall, signal: AbortSignal) => Promise<HandlerResult>;

export type Caller = (compiled: CompiledTool, call: IncomingCall) => Promise<ToolAnswer>;

function outcomeOf(answer: ToolAnswer): Omit<AuditOutcome, 'durationMs'> {
  const data = answer.structuredContent as { code?: string; run?: { id: string }; error?: unknown };
  if (data.error === true && data.code !== undefined) return { result: 'error', code: data.code };
  if (data.run !== undefined && answer.isError !== true) return { result: 'run', runId: data.run.id };
  return { result: answer.isError === true ? 'error' : 'ok' };
}

/** The one way from a front door to a handler: validate, admit, audit, run, cap, redact, answer. */
export function createCaller(options: CallerOptions): Caller {
  return async (compiled, call) => {
    try {
      return await whenAdmitted(options, compiled, call, async (admitted) => {
        const carryOut = becomesRun(admitted) ? callAsRun : callInline;
        const answer = await carryOut(options, admitted);
        return { result: answer, outcome: outcomeOf(answer) };
      });
    } catch (error) {
      return answerForFailure(failureOf(error as FlotillaError), options);
    }
  };
}
