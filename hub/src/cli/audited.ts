import type { AuditEntry } from '@flotilla/core';
import type { ProcessBase } from '@flotilla/runtime';
import type { Hub } from '../hub.ts';
import { cliPrincipal } from './principal.ts';
import { asFlotillaCode } from './terminal/failure.ts';

/** What a person does with a service directly, because no tool may, leaves the same trace as a call. */
export async function audited<T>(
  hub: Hub,
  base: ProcessBase,
  entry: Pick<AuditEntry, 'tool' | 'effect' | 'aliases' | 'args'>,
  act: () => Promise<T>,
): Promise<T> {
  const { id, client } = cliPrincipal(base);
  const started = performance.now();
  const row = hub.runtime.services.audit.begin({
    principal: id,
    ...(client && { client: client.name }),
    ...entry,
  });
  const durationMs = (): number => Math.round(performance.now() - started);
  try {
    const result = await act();
    row.end({ result: 'ok', durationMs: durationMs() });
    return result;
  } catch (error) {
    row.end({ result: 'error', code: asFlotillaCode(error), durationMs: durationMs() });
    throw error;
  }
}
