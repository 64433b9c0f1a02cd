import { effectOf } from '../effects.ts';
import type { IncomingCall } from '../endpoint.ts';
import { FlotillaError } from '../errors.ts';
import type { AuditOutcome } from '../ports/gate.ts';
import { beginAudit, type OpenAudit } from './audited.ts';
import type { AdmittedCall, CallerOptions } from './caller.ts';
import type { CompiledTool } from './compile.ts';
import { toFlotillaError } from './failure-answer.ts';
import { parseInput } from './input.ts';
import { throttleProgress } from './progress.ts';
import { aliasesOf } from './targets.ts';

function admit(options: CallerOptions, admitted: AdmittedCall): void {
  const { compiled, call, principal, input, aliases } = admitted;
  if (call.hub !== undefined) return;
  if (options.clientFilter?.(principal, compiled.tool.name) === false)
    throw new FlotillaError('DENIED', `${compiled.tool.name} is not offered to this client.`);
  const effect = effectOf(compiled.tool.effect, input);
  const refusal = options.gate(principal, compiled.gateTool, { effect, aliases, args: input });
  if (refusal !== undefined) throw refusal;
}

/** Validates, admits and audits a call around `work`. Throws what the caller is to be told, always a FlotillaError. */
export async function whenAdmitted<T>(
  options: CallerOptions,
  compiled: CompiledTool,
  call: IncomingCall,
  work: (admitted: AdmittedCall) => Promise<{ result: T; outcome: Omit<AuditOutcome, 'durationMs'> }>,
): Promise<T> {
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
    const { result, outcome } = await work(admitted);
    audit?.end(outcome);
    return result;
  } catch (error) {
    const known = toFlotillaError(error, log, name);
    const denied =
      known.code === 'DENIED' || known.code === 'APPROVAL_REQUIRED' || known.code === 'RATE_LIMITED';
    audit?.end({ result: denied ? 'denied' : 'error', code: known.code });
    throw known;
  } finally {
    progress.stop();
  }
}

/** Is this call a run? */
export const becomesRun = ({ compiled: { tool }, input }: AdmittedCall): boolean =>
  tool.job !== undefined && tool.job.inline?.(input) !== true;
