import { z } from 'zod';
import { hostWord } from '../host/words.ts';
import { CheckDefinition } from './definition.ts';
import type { CheckStore, StoredResult } from './store.ts';
import { uptimePercent } from './uptime.ts';
import { VantageResult } from './verdict.ts';

const DAY_MS = 86_400_000;

export const CheckResult = z.object({
  at: z.string(),
  status: z.enum(['up', 'down', 'unknown']),
  ms: z.number().optional(),
  reason: z.string().optional(),
  vantages: z.array(VantageResult),
});

export const CheckState = CheckDefinition.extend({
  status: z.enum(['up', 'down', 'unknown']).describe('unknown: not run yet, or no vantage point could look'),
  since: z.string().optional().describe('When it came into this state'),
  reason: z.string().optional(),
  uptime24h: z.number().optional().describe('Percent of the known time'),
  uptime7d: z.number().optional(),
  uptime30d: z.number().optional(),
  last: CheckResult.optional(),
});
export type CheckState = z.infer<typeof CheckState>;

export const resultOf = ({
  at,
  status,
  ms,
  reason,
  vantages,
}: StoredResult): z.infer<typeof CheckResult> => ({
  at: new Date(at).toISOString(),
  status,
  ...(ms !== undefined && { ms }),
  ...(reason !== undefined && { reason: hostWord(reason) }),
  vantages,
});

/** How a check does now, and how it did. */
export function stateOf(store: CheckStore, check: CheckDefinition, now: number): CheckState {
  const [last] = store.results(check.name, 1);
  const changes = store.changes(check.name, now - 30 * DAY_MS);
  const change = changes.at(-1);
  const percent = (days: number): number | undefined => uptimePercent(changes, now - days * DAY_MS, now);
  const [uptime24h, uptime7d, uptime30d] = [percent(1), percent(7), percent(30)];
  return {
    ...check,
    status: last?.status ?? 'unknown',
    ...(change && { since: new Date(change.at).toISOString() }),
    ...(last?.reason !== undefined && { reason: hostWord(last.reason) }),
    ...(uptime24h !== undefined && { uptime24h }),
    ...(uptime7d !== undefined && { uptime7d }),
    ...(uptime30d !== undefined && { uptime30d }),
    ...(last && { last: resultOf(last) }),
  };
}
