import { effectOf } from '../effects.ts';
import type { AuditOutcome } from '../ports/gate.ts';
import type { AdmittedCall, CallerOptions } from './caller.ts';
import { hideSecrets } from './secret-paths.ts';
import { capValue, DEFAULT_LIMITS } from './shape.ts';

const ARGUMENT_LIMITS = { ...DEFAULT_LIMITS, stringBytes: 2_048, answerBytes: 16_384, listItems: 100 };

export interface OpenAudit {
  end(outcome: Omit<AuditOutcome, 'durationMs'>): void;
}

/** The begin row. What it throws (a full disk) ends the call before any effect. */
export function beginAudit(options: CallerOptions, admitted: AdmittedCall): OpenAudit {
  const { compiled, principal, input, aliases, log } = admitted;
  const hidden = hideSecrets(input, compiled.secretPaths);
  const started = performance.now();
  const row = options.audit.begin({
    principal: principal.id,
    ...(principal.client && { client: `${principal.client.name} ${principal.client.version}` }),
    tool: compiled.tool.name,
    effect: effectOf(compiled.tool.effect, input),
    aliases,
    args: capValue(options.redactor.value(hidden), ARGUMENT_LIMITS).value as Record<string, unknown>,
  });
  let ended = false;
  return {
    end(outcome) {
      if (ended) return;
      ended = true;
      try {
        row.end({ ...outcome, durationMs: Math.round(performance.now() - started) });
      } catch (error) {
        log.error({ err: error }, 'the end of a call could not be audited');
      }
    },
  };
}
