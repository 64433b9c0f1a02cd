import {
  type Audit,
  type AuditOutcome,
  answerForFailure,
  type CompiledTool,
  effectOf,
  FlotillaError,
  failureOf,
  type Gate,
  type HubCall,
  hideSecrets,
  type IncomingCall,
  isFlotillaError,
  type Logger,
  parseInput,
  type Redactor,
  type ToolAnswer,
  toFlotillaError,
} from '@flotilla/core';
import { auditedArguments, secretFields } from './audited-arguments.ts';
import type { Backend } from './backend/backend.ts';
import type { Route } from './registry.ts';

export interface RemoteAdmission {
  gate: Gate;
  audit: Audit;
  redactor: Redactor;
  log: Logger;
  clientFilter?: ((principal: IncomingCall['principal'], tool: string) => boolean) | undefined;
  /** What this hub knows itself of a tool that one of our servers holds in another process. */
  definition?: ((lane: string, tool: string) => CompiledTool | undefined) | undefined;
}

interface Admitted {
  effect: ReturnType<typeof effectOf>;
  aliases: readonly string[];
  args: Record<string, unknown>;
  secretPaths: readonly string[];
}

/** A call to a server in another process: admitted and audited here, validated and executed there. */
export async function callRemote(
  options: RemoteAdmission,
  route: Route,
  call: IncomingCall,
): Promise<ToolAnswer> {
  const { audit, redactor, log } = options;
  const { name } = route.tool.gateTool;
  const started = performance.now();
  let row: ReturnType<Audit['begin']> | undefined;
  const end = (outcome: Omit<AuditOutcome, 'durationMs'>): void => {
    row?.end({ ...outcome, durationMs: Math.round(performance.now() - started) });
  };
  try {
    const admitted = inspect(options, route, call);
    const { client } = call.principal;
    row = audit.begin({
      principal: call.principal.id,
      ...(client && { client: `${client.name} ${client.version}` }),
      tool: name,
      effect: admitted.effect,
      aliases: admitted.aliases,
      args: auditedArguments(redactor.value(hideSecrets(admitted.args, admitted.secretPaths))),
    });
    admit(options, route, call, admitted);
    const answer = await route.backend.call({
      ...call,
      tool: route.tool,
      hubCall: hubCallFor(route.backend, call),
    });
    end(outcomeOf(answer));
    return answer;
  } catch (error) {
    if (isProtocolError(error)) {
      end({ result: 'error', code: `PROTOCOL_${error.code}` });
      throw error;
    }
    const known = isFlotillaError(error) ? error : toFlotillaError(error, log, name);
    const denied = ['DENIED', 'APPROVAL_REQUIRED', 'RATE_LIMITED'].includes(known.code);
    end({ result: denied ? 'denied' : 'error', code: known.code });
    return answerForFailure(failureOf(known), { redactor });
  }
}

const DEADLINE_MS = 5 * 60_000;

/** Clocks are compared only within this machine: a server behind a `url` gets no deadline. */
export function hubCallFor({ kind }: Pick<Backend, 'kind'>, { principal }: IncomingCall): HubCall {
  return kind === 'stdio' ? { principal, deadline: Date.now() + DEADLINE_MS } : { principal };
}

/** An error of the mounted server's own protocol layer; it goes to the client as it is. */
function isProtocolError(error: unknown): error is Error & { code: number } {
  return (
    error instanceof Error && !isFlotillaError(error) && 'code' in error && Number.isSafeInteger(error.code)
  );
}

/** What the gate and the audit need to know. Our own tools tell by their definition, others by their annotations. */
function inspect(options: RemoteAdmission, { backend, tool }: Route, call: IncomingCall): Admitted {
  const given = call.args ?? {};
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw new FlotillaError('INVALID_INPUT', 'The arguments must be an object.');
  }
  const definition = backend.own ? options.definition?.(backend.name, tool.remoteName) : undefined;
  const args = definition ? parseInput(definition.tool, given) : (given as Record<string, unknown>);
  const named = definition?.tool.targets ? definition.tool.targets(args) : args['alias'];
  return {
    args,
    aliases:
      typeof named === 'string'
        ? [named]
        : Array.isArray(named)
          ? named.filter((one) => typeof one === 'string')
          : [],
    effect: definition ? effectOf(definition.tool.effect, args) : tool.gateTool.maxEffect,
    secretPaths: definition?.secretPaths ?? secretFields(tool.published.inputSchema),
  };
}

function admit(options: RemoteAdmission, { tool }: Route, call: IncomingCall, admitted: Admitted): void {
  const { gateTool } = tool;
  if (options.clientFilter?.(call.principal, gateTool.name) === false) {
    throw new FlotillaError('DENIED', `${gateTool.name} is not offered to this client.`);
  }
  const { effect, aliases, args } = admitted;
  const refusal = options.gate(call.principal, gateTool, { effect, aliases, args });
  if (refusal) throw refusal;
}

function outcomeOf(answer: ToolAnswer): Omit<AuditOutcome, 'durationMs'> {
  const data = (answer.structuredContent ?? {}) as {
    error?: unknown;
    code?: unknown;
    run?: { id?: unknown };
  };
  if (data.error === true && typeof data.code === 'string')
    return { result: 'error', code: data.code.slice(0, 64) };
  const runId = data.run?.id;
  if (typeof runId === 'string' && answer.isError !== true)
    return { result: 'run', runId: runId.slice(0, 120) };
  return { result: answer.isError === true ? 'error' : 'ok' };
}
