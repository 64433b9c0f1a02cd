import {
  anyHostFailed,
  defineTool,
  fanOutArguments,
  fenceRemote,
  HostTarget,
  hostRowSchema,
  hostRows,
} from '@flotilla/core';
import { z } from 'zod';
import { failedText } from '../lib/host/failed.ts';
import { counted, relative } from '../lib/host/words.ts';
import { logArguments, logLevel } from '../lib/logs/arguments.ts';
import { compare } from '../lib/logs/digest.ts';
import { logDigests } from '../lib/logs/digest-service.ts';
import { groupEntries, LogGroup } from '../lib/logs/groups.ts';
import { timeArgument } from '../lib/logs/query.ts';
import { groupText } from '../lib/logs/render-groups.ts';
import { searchHost } from '../lib/logs/search-host.ts';

const FIRST_LOOK_MS = 86_400_000;
const LONGEST_MS = 7 * 86_400_000;

const DigestRow = hostRowSchema({
  since: z.string(),
  firstLook: z.boolean(),
  fresh: z.array(LogGroup).describe('Never seen on this host before, worst first'),
  grown: z
    .array(LogGroup.extend({ before: z.number(), now: z.number() }))
    .describe('Lines per hour before and now'),
  known: z.number().int().describe('Groups that go on as before'),
  vanished: z.array(
    z.object({ level: z.string(), origin: z.string(), message: z.string(), lastSeen: z.string() }),
  ),
  leftOut: z.number().int(),
  notes: z.array(z.string()),
});

export const logDigest = defineTool({
  name: 'log_digest',
  title: 'What is new in the logs',
  description:
    'Critical log lines of one host or many, ranked by damage, against what the last digest saw: what is new, what comes at least twice as often, what is gone. ' +
    'It reads from the last look on (the first time: 24 h) and remembers what it saw, so the next call shows only what changed; remember: false leaves that as it is. ' +
    'Use log_search to go into one message.',
  effect: 'read',
  input: z.object({
    alias: HostTarget,
    since: z
      .string()
      .max(40)
      .optional()
      .describe('Span before now (6h, 2d) or ISO 8601 time; default since the last look, at most 7 days'),
    level: logLevel.default('warning'),
    ...logArguments,
    remember: z.boolean().default(true).describe('Remember this look for the next one'),
    limit: z.number().int().min(1).max(200).default(20).describe('Groups of each kind per host at most'),
    ...fanOutArguments,
  }),
  output: z.object({
    rows: z.array(DigestRow),
  }),
  isError: anyHostFailed,
  run: async (context, input) => {
    const digests = await context.use(logDigests);
    const rows = await hostRows(context, input, async (alias) => {
      const now = Date.now();
      const last = digests.lastLook(alias);
      const sinceMs =
        input.since === undefined
          ? Math.max(last ?? now - FIRST_LOOK_MS, now - LONGEST_MS)
          : timeArgument('since', input.since, now);
      const query = { ...input, regex: false, caseSensitive: false, sinceMs, untilMs: now };
      const { entries, notes } = await searchHost(context, alias, query);
      const groups = groupEntries(entries);
      const digest = compare(groups, digests.seen(alias), now - sinceMs);
      if (input.remember) await digests.remember(alias, groups, { sinceMs, atMs: now });
      const { fresh, grown, known, vanished } = digest;
      const cut = (count: number): number => Math.max(0, count - input.limit);
      return {
        since: new Date(sinceMs).toISOString(),
        firstLook: last === undefined,
        fresh: fresh.slice(0, input.limit),
        grown: grown.slice(0, input.limit),
        known: known.length,
        vanished: vanished.slice(0, input.limit).map(({ level, origin, message, lastSeen }) => ({
          level,
          origin,
          message,
          lastSeen: new Date(lastSeen).toISOString(),
        })),
        leftOut: cut(fresh.length) + cut(grown.length) + cut(vanished.length),
        notes,
      };
    });
    return { rows };
  },
  text: ({ rows }) => rows.map(rowText).join('\n\n'),
});

function rowText(row: z.infer<typeof DigestRow>): string {
  if (row.state !== 'ok' || !row.fresh) return failedText(row);
  const now = Date.now();
  const { fresh, grown = [], vanished = [], known = 0 } = row;
  const lines = [
    ...fresh.map((group) => `NEW ${groupText(group, now)}`),
    ...grown.map((group) => `MORE (${group.before} → ${group.now} per hour) ${groupText(group, now)}`),
    ...vanished.map(({ level, origin, message }) => `GONE ${level} ${origin}: ${message}`),
  ];
  const finding =
    lines.length === 0
      ? 'nothing new'
      : `${fresh.length} new, ${grown.length} grown, ${vanished.length} gone`;
  const more = row.leftOut ? `, ${row.leftOut} not shown (raise limit)` : '';
  const head = `${row.alias}: ${finding}, ${counted(known, 'message')} as before, since ${relative(row.since ?? '', now)}${row.firstLook ? ' (first look)' : ''}${more}`;
  const notes = (row.notes ?? []).map((note) => `\nnote: ${note}`).join('');
  return `${head}${lines.length > 0 ? `\n${fenceRemote(lines.join('\n'), `log lines of ${row.alias}`)}` : ''}${notes}`;
}
