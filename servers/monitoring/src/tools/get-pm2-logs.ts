import {
  anyHostFailed,
  capText,
  defineTool,
  eachHost,
  fanOutArguments,
  fenceRemote,
  HostTarget,
  hostRowSchema,
  type JobContext,
  rowsText,
  targetText,
  visibleControls,
} from '@flotilla/core';
import { z } from 'zod';
import { hostWord } from '../lib/host/words.ts';
import { followArguments } from '../lib/logs/arguments.ts';
import { followOn, mayBeRoot } from '../lib/logs/follow.ts';
import { findApps, followText, logFiles, readLogs } from '../lib/pm2/read-pm2.ts';

/** Of all hosts together. */
const ANSWER_BYTES = 96 * 1024;
const LINE_CHARACTERS = 4000;

const Logs = z.object({
  logs: z.array(
    z.object({
      app: z.string(),
      id: z.number().int(),
      owner: z.string(),
      stream: z.enum(['out', 'error']),
      path: z.string(),
      status: z.string(),
      lines: z.array(z.string()),
      truncated: z.boolean().optional(),
      missing: z.boolean().optional().describe('There is no such file, or it cannot be read'),
    }),
  ),
  followed: z.string().optional(),
});
type Logs = z.infer<typeof Logs>;

interface Query {
  app?: string | undefined;
  lines: number;
  errors: boolean;
  followSeconds: number;
}

async function follow(job: JobContext, alias: string, query: Query): Promise<Logs> {
  const { app, lines, errors, followSeconds: seconds } = query;
  const find = () => findApps(job, alias, app);
  const files = logFiles(await job.step.repeatable('apps', find, { alias }), errors);
  const sudo = await mayBeRoot(job, alias);
  const { text } = await followOn(job, alias, followText(files, lines), { seconds, sudo });
  return { logs: [], followed: visibleControls(text) };
}

async function look(job: JobContext, alias: string, query: Query, hosts: number): Promise<Logs> {
  const { app, lines, errors } = query;
  const files = logFiles(await findApps(job, alias, app), errors);
  const logs = await readLogs(job, alias, files, lines);
  const share = Math.floor(ANSWER_BYTES / hosts / Math.max(1, logs.length));
  return {
    logs: logs.map(({ app: one, stream, path, text, missing }) => {
      const { text: kept, omittedBytes } = capText(text, share);
      const shown = kept.split('\n').filter((line, at, all) => line !== '' || at < all.length - 1);
      return {
        app: hostWord(one.name),
        id: one.id,
        owner: hostWord(one.owner),
        stream,
        path: hostWord(path, 500),
        status: hostWord(one.status, 40),
        lines: shown.map((line) => visibleControls(line.slice(0, LINE_CHARACTERS))),
        ...(omittedBytes > 0 && { truncated: true }),
        ...(missing && { missing: true }),
      };
    }),
  };
}

function logsText({ alias, logs, followed }: Logs & { alias: string }): string {
  if (followed !== undefined) return `${alias}, while following\n${fenceRemote(followed, 'PM2 logs')}`;
  if (logs.length === 0) return `${alias}: PM2 names no log file for that.`;
  return logs
    .map(({ app, id, stream, status, path, lines, missing }) => {
      const head = `${alias}: ${app} (${id}, ${status}) ${stream}`;
      if (missing) return `${head}: ${path} is not there or cannot be read`;
      return lines.length === 0 ? `${head}: empty` : `${head}\n${fenceRemote(lines.join('\n'), path)}`;
    })
    .join('\n');
}

export const getPm2Logs = defineTool({
  name: 'get_pm2_logs',
  title: 'PM2 logs',
  description:
    'The last log lines of PM2 apps, from the log files that PM2 names, also when pm2 is installed under nvm or belongs to another user. ' +
    'errors: true leaves out standard output; follow: true keeps reading as a run. ' +
    'get_services_status shows which apps there are and how they do.',
  effect: 'read',
  input: z.object({
    alias: HostTarget,
    app: z.string().min(1).max(200).optional().describe('Name or id of an app; default all'),
    lines: z.number().int().min(1).max(5000).default(100).describe('Last lines of each log file'),
    errors: z.boolean().default(false).describe('Only what went to standard error'),
    ...followArguments,
    ...fanOutArguments,
  }),
  output: z.object({ rows: z.array(hostRowSchema(Logs.shape)) }),
  isError: anyHostFailed,
  job: {
    timeoutMs: 0,
    inline: ({ follow }) => !follow,
    summary: ({ alias, app, followSeconds }) =>
      `${targetText(alias)}: follow PM2 logs${app === undefined ? '' : ` of ${app.slice(0, 60)}`} for ${followSeconds} s`,
  },
  run: async (job, input) => {
    const hosts = job.hosts.resolve(input.alias).length;
    const of = (alias: string) => (input.follow ? follow(job, alias, input) : look(job, alias, input, hosts));
    return { rows: await eachHost(job, input, of) };
  },
  text: ({ rows }) => rowsText<Logs>(rows, logsText),
});
