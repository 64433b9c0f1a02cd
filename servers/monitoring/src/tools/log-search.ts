import {
  anyHostFailed,
  defineTool,
  fanOutArguments,
  fenceRemote,
  HostTarget,
  hostRowSchema,
  hostRows,
  targetText,
  visibleControls,
} from '@flotilla/core';
import { z } from 'zod';
import { failedText } from '../lib/host/failed.ts';
import { isoTime } from '../lib/host/numbers.ts';
import { counted, hostWord } from '../lib/host/words.ts';
import { followArguments, logArguments, logLevel } from '../lib/logs/arguments.ts';
import type { LogEntry } from '../lib/logs/entries.ts';
import { followLogs, followOn, mayBeRoot } from '../lib/logs/follow.ts';
import { groupEntries, LogGroup } from '../lib/logs/groups.ts';
import { LEVELS } from '../lib/logs/level.ts';
import { isLogPath } from '../lib/logs/log-path.ts';
import { type LogQuery, timeArgument } from '../lib/logs/query.ts';
import { groupsText } from '../lib/logs/render-groups.ts';
import { searchHost } from '../lib/logs/search-host.ts';

const Line = z.object({
  time: z.string().optional(),
  source: z.string(),
  origin: z.string(),
  level: z.enum(LEVELS),
  text: z.string(),
});

export const logSearch = defineTool({
  name: 'log_search',
  title: 'Search logs',
  description:
    'Looks through journald, container logs and log files (syslog, auth, nginx, Apache, Caddy, fail2ban, PM2, with rotations) of one host or many at once; equal messages are one group with count, first and last time and an example. ' +
    'view: "lines" gives the newest matching lines instead. ' +
    'follow: true waits for new lines as a run. Example: query "timeout", since "2h", level "error".',
  effect: 'read',
  input: z.object({
    alias: HostTarget,
    query: z
      .string()
      .min(1)
      .max(1000)
      .optional()
      .describe('Text that a line contains; without it every line counts'),
    regex: z.boolean().default(false).describe('query is an extended regular expression (grep -E)'),
    caseSensitive: z.boolean().default(false).describe('Upper and lower case differ'),
    since: z
      .string()
      .max(40)
      .default('1h')
      .describe('Span before now (30m, 2h, 7d) or ISO 8601 time; default 1h'),
    until: z.string().max(40).optional().describe('Span before now or ISO 8601 time; default now'),
    level: logLevel.optional(),
    ...logArguments,
    view: z.enum(['groups', 'lines']).default('groups').describe('Equal messages together, or single lines'),
    limit: z.number().int().min(1).max(1000).default(30).describe('Groups or lines per host at most'),
    ...followArguments,
    ...fanOutArguments,
  }),
  output: z.object({
    rows: z.array(
      hostRowSchema({
        matched: z.number().int().describe('Lines that match'),
        groups: z.array(LogGroup),
        lines: z.array(Line),
        leftOut: z.number().int(),
        looked: z.array(z.string()).describe('Journal, containers and files that were read'),
        notes: z.array(z.string()),
        followed: z.string(),
      }),
    ),
  }),
  isError: anyHostFailed,
  job: {
    timeoutMs: 0,
    inline: ({ follow }) => !follow,
    summary: ({ alias, query, followSeconds }) =>
      `${targetText(alias)}: follow logs for ${followSeconds} s${query === undefined ? '' : `: ${query.slice(0, 60)}`}`,
  },
  run: async (context, input) => {
    const query = queryOf(input, Date.now());
    if (input.follow) {
      const rows = await hostRows(context, input, async (alias) => {
        const sudo = query.files.every(isLogPath) && (await mayBeRoot(context, alias));
        const { text } = await followOn(context, alias, followLogs(query), {
          seconds: input.followSeconds,
          sudo,
        });
        return { followed: visibleControls(text) };
      });
      return { rows };
    }
    const rows = await hostRows(context, input, async (alias) => {
      const { entries, looked, notes } = await searchHost(context, alias, query);
      const base = { matched: entries.length, looked, notes };
      if (input.view === 'lines') {
        const newest = entries.toSorted((a, b) => (b.timeMs ?? 0) - (a.timeMs ?? 0)).slice(0, input.limit);
        return { ...base, lines: newest.reverse().map(lineOf), leftOut: entries.length - newest.length };
      }
      const groups = groupEntries(entries);
      return {
        ...base,
        groups: groups.slice(0, input.limit),
        leftOut: Math.max(0, groups.length - input.limit),
      };
    });
    return { rows };
  },
  text: ({ rows }) =>
    rows
      .map((row) => {
        if (row.state !== 'ok') return failedText(row);
        if (row.followed !== undefined)
          return `${row.alias}\n${fenceRemote(row.followed, `new log lines of ${row.alias}`)}`;
        const more = row.leftOut ? `, ${row.leftOut} not shown (raise limit)` : '';
        const notes = (row.notes ?? []).map((note) => `\nnote: ${note}`).join('');
        const head = `${row.alias}: ${counted(row.matched ?? 0, 'line')} in ${counted(row.looked?.length ?? 0, 'log')}${more}`;
        const lines = row.lines?.map(
          ({ time, origin, level, text }) => `${time ?? '-'} ${origin} ${level} ${text}`,
        );
        const body = lines
          ? lines.length > 0
            ? `\n${fenceRemote(lines.join('\n'), `log lines of ${row.alias}`)}`
            : ''
          : groupsText(row.alias, row.groups ?? [], Date.now());
        return `${head}${body}${notes}`;
      })
      .join('\n\n'),
});

interface QueryInput extends Omit<LogQuery, 'text' | 'sinceMs' | 'untilMs'> {
  query?: string | undefined;
  since: string;
  until?: string | undefined;
}

const queryOf = ({ query, since, until, ...rest }: QueryInput, now: number): LogQuery => ({
  ...rest,
  text: query,
  sinceMs: timeArgument('since', since, now),
  untilMs: until === undefined ? now : timeArgument('until', until, now),
});

function lineOf({ timeMs, source, origin, level, message }: LogEntry): z.infer<typeof Line> {
  const time = isoTime(timeMs);
  return {
    ...(time !== undefined && { time }),
    source,
    origin: hostWord(origin),
    level,
    text: hostWord(message, 2000),
  };
}
