import { type AnyTool, defineTool, type LogRing } from '@flotilla/core';
import { z } from 'zod';
import { ago } from '../text/time.ts';

const Level = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']);

const LogRow = z.object({
  time: z.string().describe('ISO 8601'),
  level: z.string(),
  message: z.string(),
  fields: z.record(z.string(), z.unknown()).optional(),
});

export interface TaskLogsDeps {
  logs: Pick<LogRing, 'search'>;
  /** Default of the argument `compact`. Default true. */
  compact?: boolean;
  now?: () => number;
}

export function taskLogs({ logs, compact: compactByDefault = true, now = Date.now }: TaskLogsDeps): AnyTool {
  return defineTool({
    name: 'task_logs',
    title: "Flotilla's own log",
    description:
      'Shows the last log lines of this Flotilla process, the newest first: what it did, what failed, what mounted servers said. ' +
      'For what a command printed use task_output.',
    effect: 'read',
    openWorld: false,
    input: z.object({
      level: Level.optional().describe('This level and the more severe ones'),
      search: z.string().min(1).max(200).optional().describe('Text in the line, any case'),
      limit: z.number().int().min(1).max(1000).default(50).describe('Most lines, 1–1000'),
      compact: z
        .boolean()
        .optional()
        .describe('false adds every field of a line. Default: the setting MCP_COMPACT, true'),
    }),
    output: z.object({ rows: z.array(LogRow) }),
    run: async (_context, { level, search, limit, compact = compactByDefault }) => {
      const entries = logs.search({
        limit,
        ...(level && { level }),
        ...(search !== undefined && { search }),
      });
      return {
        rows: entries.map(({ time, level: at, message, ...fields }) => ({
          time,
          level: at,
          message,
          ...(!compact && Object.keys(fields).length > 0 && { fields }),
        })),
      };
    },
    text: ({ rows }) =>
      rows.length === 0
        ? 'No line matches.'
        : rows
            .map(({ time, level, message, fields }) => {
              const more = fields ? ` ${JSON.stringify(fields)}` : '';
              return `${ago(time, now())}  ${level.toUpperCase()}  ${message}${more}`;
            })
            .join('\n'),
  });
}
