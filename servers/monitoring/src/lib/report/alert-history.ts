import { z } from 'zod';
import type { AlertEvent } from '../alerts/alert-store.ts';
import { SEVERITY_ORDER, Severity } from '../alerts/rule.ts';
import type { AlertView } from '../alerts/views.ts';
import type { Period } from './period.ts';

export const ReportAlert = z.object({
  alert: z.string(),
  alias: z.string().optional(),
  severity: Severity,
  times: z.number().int().describe('How often it began to fire in the period'),
  firingMinutes: z.number().int(),
  still: z.boolean().describe('It fires now'),
  summary: z.string(),
  cause: z.string().optional(),
});
export type ReportAlert = z.infer<typeof ReportAlert>;

/** Alerts of a period by rule and host: the worst first, then the longest. */
export function alertHistory(
  events: readonly AlertEvent[],
  now: readonly AlertView[],
  period: Period,
): ReportAlert[] {
  const firing = now.filter(({ state }) => state === 'firing');
  const keyOf = (rule: string, alias: string | undefined): string => JSON.stringify([rule, alias ?? '']);
  const groups = Map.groupBy(events, ({ rule, labels }) => keyOf(rule, labels['instance']));
  for (const { alert, alias } of firing)
    if (!groups.has(keyOf(alert, alias))) groups.set(keyOf(alert, alias), []);
  return [...groups]
    .map(([key, group]): ReportAlert => {
      const [alert, alias] = JSON.parse(key) as [string, string];
      const still = firing.filter((one) => keyOf(one.alert, one.alias) === key);
      const [latest] = group;
      const [current] = still;
      const ended = group.reduce(
        (total, { kind, lastedMs = 0, at }) =>
          total + (kind === 'resolved' ? Math.min(lastedMs, at - period.from) : 0),
        0,
      );
      const open = still.reduce(
        (total, { firedAt }) => total + (period.to - Math.max(period.from, Date.parse(firedAt ?? ''))),
        0,
      );
      return {
        alert,
        ...(alias !== '' && { alias }),
        severity: current?.severity ?? Severity.safeParse(latest?.severity).data ?? 'warning',
        times: group.filter(({ kind }) => kind === 'firing').length,
        firingMinutes: Math.round((ended + open) / 60_000),
        still: current !== undefined,
        summary: current?.summary ?? latest?.summary ?? '',
        ...(current?.cause && { cause: current.cause.finding }),
      };
    })
    .sort(
      (a, b) =>
        Number(b.still) - Number(a.still) ||
        SEVERITY_ORDER[a.severity] - SEVERITY_ORDER[b.severity] ||
        b.firingMinutes - a.firingMinutes,
    );
}
