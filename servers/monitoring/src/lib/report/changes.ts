import type { AuditReader } from '@flotilla/core';
import { z } from 'zod';
import type { Period } from './period.ts';

export const ReportChange = z.object({
  tool: z.string(),
  alias: z.string(),
  calls: z.number().int(),
  failed: z.number().int(),
  by: z.array(z.string()),
  last: z.string(),
});
export type ReportChange = z.infer<typeof ReportChange>;

const MAX_CALLS = 1_000;

/** What was changed through Flotilla: calls that were not reads, by tool and host; the newest first. */
export function changesOf(
  audit: AuditReader,
  period: Period,
  aliases: ReadonlySet<string>,
): { changes: ReportChange[]; more: boolean } {
  const { calls, more } = audit.search({ since: period.from, until: period.to, limit: MAX_CALLS });
  const wanted = calls.filter(
    ({ effect, result, aliases: own }) =>
      effect !== 'read' &&
      result !== 'denied' &&
      (own.length === 0 || own.some((word) => aliases.has(word) || word === 'all' || word.includes(':'))),
  );
  const groups = Map.groupBy(wanted, ({ tool, aliases: own }) =>
    JSON.stringify([tool, own.length > 3 ? `${own.length} hosts` : own.join(', ')]),
  );
  return {
    changes: [...groups].map(([key, group]) => {
      const [tool, alias] = JSON.parse(key) as [string, string];
      return {
        tool,
        alias,
        calls: group.length,
        failed: group.filter(({ result }) => result === 'error').length,
        by: [...new Set(group.map(({ principal }) => principal))].slice(0, 5),
        last: new Date(group[0]?.time ?? 0).toISOString(),
      };
    }),
    more,
  };
}
