import { effectOf } from '../effects.ts';
import type { IncomingCall } from '../endpoint.ts';
import { FlotillaError } from '../errors.ts';
import type { Logger } from '../logging.ts';
import type { Audit, AuditOutcome, Gate } from '../ports/gate.ts';
import type { Runs } from '../ports/runs.ts';
import type { Redactor } from '../ports/secrets.ts';
import type { Progress } from '../ports/steps.ts';
import type { Principal } from '../principal.ts';
import type { ToolAnswer } from './answer.ts';
import { beginAudit, type OpenAudit } from './audited.ts';
import { callInline } from './call-inline.ts';
import { callAsRun } from './call-run.ts';
import type { CompiledTool } from './compile.ts';
import type { ToolContext } from './context.ts';
import { answerForFailure, failureOf, toFlotillaError } from './failure-answer.ts';
import { parseInput } from './input.ts';
import { throttleProgress } from './progress.ts';
import type { AnswerLimits } from './shape.ts';
import { aliasesOf } from './targets.ts';

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

export type Caller = (compiled: CompiledTool, call: IncomingCall) => Promise<ToolAnswer>;

function admit(options: CallerOptions, admitted: AdmittedCall): void {
  const { compiled, call, principal, input, aliases } = admitted;
  if (call.hub !== undefined) return;
  if (options.clientFilter?.(principal, compiled.tool.name) === false)
    throw new FlotillaError('DENIED', `${compiled.tool.name} is not offered to this client.`);
  const effect = effectOf(compiled.tool.effect, input);
  const refusal = options.gate(principal, compiled.gateTool, { effect, aliases, args: input });
  if (refusal !== undefined) throw refusal;
}

function outcomeOf(answer: ToolAnswer): Omit<AuditOutcome, 'durationMs'> {
  const data = answer.structuredContent as { code?: string; run?: { id: string }; error?: unknown };
  if (data.error === true && data.code !== undefined) return { result: 'error', code: data.code };
  if (data.run !== undefined && answer.isError !== true) return { result: 'run', runId: data.run.id };
  return { result: answer.isError === true ? 'error' : 'ok' };
}

/** The one way from a front door to a handler: validate, admit, audit, run, cap, redact, answer. */
export function createCaller(options: CallerOptions): Caller {
  return async (compiled, call) => {
    const name = compiled.tool.name;
    const log = options.log.child({ tool: name });
    const progress = throttleProgress(call.onProgress);
    const principal = call.hub?.principal ?? call.principal;
    let audit: OpenAudit | undefined;
    try {
      const input = parseInput(compiled.tool, call.args);
      const aliases = aliasesOf(compiled.tool, input);
      const admitted = { compiled, call, principal, input, aliases, progress: progress.report, log };
      audit = call.hub === undefined ? beginAudit(options, admitted) : undefined;
      admit(options, admitted);
      const asRun = compiled.tool.job !== undefined && compiled.tool.job.inline?.(input) !== true;
      const answer = asRun ? await callAsRun(options, admitted) : await callInline(options, admitted);
      audit?.end(outcomeOf(answer));
      return answer;
    } catch (error) {
      const known = toFlotillaError(error, log, name);
      const denied =
        known.code === 'DENIED' || known.code === 'APPROVAL_REQUIRED' || known.code === 'RATE_LIMITED';
      audit?.end({ result: denied ? 'denied' : 'error', code: known.code });
      return answerForFailure(failureOf(known), options);
    } finally {
      progress.stop();
    }
  };
}
