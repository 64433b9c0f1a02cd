import type { AuditEntry, AuditOutcome, Redactor } from '@flotilla/core';
import type { Draft } from './chain.ts';

const MOST_ARGUMENT_CHARS = 16_384;
const KEPT_CHARS = 4_096;
const MOST_ALIASES = 1_000;

/** Arguments as they may be kept: secrets masked, long ones cut to their beginning. */
export function keptArguments(args: Record<string, unknown>, redactor: Redactor): Record<string, unknown> {
  const masked = redactor.value(args);
  const json = JSON.stringify(masked);
  if (json.length <= MOST_ARGUMENT_CHARS) return masked;
  return { _cut: json.slice(0, KEPT_CHARS), _chars: json.length };
}

export function beginDraft(call: string, entry: AuditEntry, redactor: Redactor, time: number): Draft {
  return {
    time,
    kind: 'begin',
    call,
    tool: entry.tool,
    principal: entry.principal,
    aliases: entry.aliases.slice(0, MOST_ALIASES),
    body: {
      effect: entry.effect,
      args: keptArguments(entry.args, redactor),
      ...(entry.client !== undefined && { client: redactor.text(entry.client.slice(0, 200)) }),
    },
  };
}

export const endDraft = (call: string, outcome: AuditOutcome, time: number): Draft => ({
  time,
  kind: 'end',
  call,
  body: { ...outcome, durationMs: Math.max(0, Math.round(outcome.durationMs)) },
});
