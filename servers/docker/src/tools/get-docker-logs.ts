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
} from '@flotilla/core';
import { quote } from '@flotilla/ssh';
import { z } from 'zod';
import { containerName, epochSeconds, logArguments } from '../lib/arguments.ts';
import { clientOf, inspectContainer } from '../lib/containers/details.ts';
import { withEngine } from '../lib/engine/index.ts';
import { readLogs } from '../lib/logs/read-logs.ts';
import { shown } from '../lib/text.ts';

const TEXT_BYTES = 40_000;

const Logs = z.object({
  container: z.string(),
  lines: z.array(z.string()),
  scanned: z.number().int().optional().describe('Lines looked at'),
  matched: z.number().int(),
  truncated: z.boolean(),
});

type Logs = z.infer<typeof Logs>;

interface Query {
  container: string;
  lines: number;
  since?: string | undefined;
  timestamps: boolean;
  search?: string | undefined;
  timeout: number;
}

const fromOf = ({ since: time }: Query): number | undefined =>
  time === undefined ? undefined : epochSeconds(time);

const look = (job: JobContext, alias: string, query: Query): Promise<Logs> =>
  withEngine(job, alias, async (engine) => {
    const { container, lines, timestamps, search } = query;
    const details = await inspectContainer(engine, container, job.signal);
    const wanted = { lines, since: fromOf(query), timestamps, search };
    const found = await readLogs(engine, details, wanted, job.signal);
    return { container, ...found, lines: shown(found.lines) };
  });

async function follow(job: JobContext, alias: string, query: Query): Promise<Logs> {
  const { container, lines, timestamps, search, timeout } = query;
  const from = fromOf(query);
  const command = await job.step.repeatable(
    'find',
    () =>
      withEngine(job, alias, async (engine) => {
        const { Id } = await inspectContainer(engine, container, job.signal);
        const flags = [
          `--follow --tail ${lines}`,
          ...(from === undefined ? [] : [`--since ${from}`]),
          ...(timestamps ? ['--timestamps'] : []),
        ].join(' ');
        const filter = search === undefined ? '' : ` | grep -i -F -e ${quote(search.replaceAll('\n', ' '))}`;
        return `${clientOf(engine)} logs ${flags} -- ${quote(Id)} 2>&1${filter}`;
      }),
    { alias },
  );
  const result = await job.step.command('follow', alias, { command, timeoutMs: timeout * 1000 });
  const text = result.stdout.text.replace(/\n$/, '');
  const found = text === '' ? [] : shown(text.split('\n'));
  return { container, lines: found, matched: found.length, truncated: result.stdout.truncated };
}

export const getDockerLogs = defineTool({
  name: 'get_docker_logs',
  title: 'Container logs',
  description:
    'The newest log lines of one container, stdout and stderr together, or of the one of that name on each of many hosts; with search only lines that contain a text. ' +
    'follow goes on reading until its time is over, as a run: task_output shows what has come, task_cancel ends it. ' +
    'Example: container "web", lines 200, since "15m", search "error".',
  effect: 'read',
  input: z.object({
    alias: HostTarget,
    container: containerName,
    lines: z.number().int().min(1).max(10_000).default(100).describe('Newest lines; default 100'),
    ...logArguments,
    ...fanOutArguments,
  }),
  output: z.object({ rows: z.array(hostRowSchema(Logs.shape)) }),
  isError: anyHostFailed,
  job: {
    timeoutMs: 0,
    summary: ({ alias, container }) => `${targetText(alias)}: follow the logs of ${container}`,
    inline: ({ follow }) => !follow,
  },
  run: async (job, input) => ({
    rows: await eachHost(job, input, (alias) => (input.follow ? follow : look)(job, alias, input)),
  }),
  text: ({ rows }, { search }) =>
    rowsText<Logs>(rows, ({ alias, container, lines, matched, scanned, truncated }) => {
      const of =
        search === undefined || scanned === undefined
          ? ''
          : ` of ${scanned} contain ${JSON.stringify(search)}`;
      const head = `${alias}: ${container}: ${matched} lines${of}${matched > lines.length ? `, the newest ${lines.length} shown` : ''}${truncated ? ', cut' : ''}`;
      if (lines.length === 0) return head;
      const { text, omittedBytes } = capText(lines.join('\n'), Math.floor(TEXT_BYTES / rows.length));
      const note = omittedBytes > 0 ? '\nCut for this answer: ask for fewer lines, or search.' : '';
      return `${head}\n${fenceRemote(text, 'log')}${note}`;
    }),
});
