import {
  anyHostFailed,
  capText,
  defineTool,
  eachHost,
  FlotillaError,
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
import { epochSeconds, logArguments } from '../lib/arguments.ts';
import { type ProjectInput, services, whichProject } from '../lib/compose/arguments.ts';
import { runningProject } from '../lib/compose/by-name.ts';
import { saidBy } from '../lib/compose/command-problem.ts';
import { serviceWords } from '../lib/compose/open-project.ts';
import { withEngine } from '../lib/engine/index.ts';

const MAX_BYTES = 256 * 1024;
const TEXT_BYTES = 40_000;

const Logs = z.object({
  project: z.string(),
  lines: z.number(),
  text: z.string(),
  truncated: z.boolean(),
});
type Logs = z.infer<typeof Logs>;

interface Query extends ProjectInput {
  services?: readonly string[] | undefined;
  lines: number;
  since?: string | undefined;
  timestamps: boolean;
  search?: string | undefined;
  follow: boolean;
  timeout: number;
}

/** The project's name, and the command that prints its lines. */
const find = (job: JobContext, query: Query): Promise<{ name: string; command: string }> =>
  withEngine(job, query.alias, async (engine) => {
    const { name, command } = await runningProject(job, engine, query);
    const flags = [
      `--no-color --tail ${query.lines}`,
      ...(query.since === undefined ? [] : [`--since ${epochSeconds(query.since)}`]),
      ...(query.timestamps ? ['--timestamps'] : []),
      ...(query.follow ? ['--follow'] : []),
    ].join(' ');
    return {
      name,
      command: `${command(`logs ${flags}${serviceWords(query.services)}`)}${filter(query.search)}`,
    };
  });

async function look(job: JobContext, query: Query): Promise<Logs> {
  const { name, command } = await find(job, query);
  const options = { maxBytes: MAX_BYTES, timeoutMs: 60_000, signal: job.signal };
  const { exitCode, stdout, stderr, truncated } = await job.hosts.shell(query.alias, command, options);
  if (exitCode !== 0 && stdout === '') refuse(query.alias, name, stderr, query.search);
  return { project: name, ...shown(stdout, truncated) };
}

async function follow(job: JobContext, query: Query): Promise<Logs> {
  const { alias, timeout } = query;
  const { name, command } = await job.step.repeatable('find', () => find(job, query), { alias });
  const { stdout } = await job.step.command('follow', alias, { command, timeoutMs: timeout * 1000 });
  return { project: name, ...shown(stdout.text, stdout.truncated) };
}

export const composeLogs = defineTool({
  name: 'compose_logs',
  title: 'Logs of a compose project',
  description:
    'The last log lines of all services of a project, or of some, each line with its container. ' +
    'follow keeps reading until its time is over, as a run: task_output shows what has come, task_cancel ends it. ' +
    'Example: alias "web1", project "shop", services ["api"], lines 200, search "error".',
  effect: 'read',
  input: z.object({
    alias: HostTarget,
    ...whichProject,
    services,
    lines: z
      .number()
      .int()
      .min(1)
      .max(10_000)
      .default(100)
      .describe('Last lines of each container; default 100'),
    ...logArguments,
    ...fanOutArguments,
  }),
  output: z.object({ rows: z.array(hostRowSchema(Logs.shape)) }),
  isError: anyHostFailed,
  job: {
    timeoutMs: 0,
    summary: ({ alias, project, path }) => `compose logs ${targetText(alias)}: ${project ?? path ?? ''}`,
    inline: ({ follow }) => !follow,
  },
  run: async (job, input) => ({
    rows: await eachHost(job, input, (alias) => (input.follow ? follow : look)(job, { ...input, alias })),
  }),
  text: ({ rows }) =>
    rowsText<Logs>(rows, ({ alias, project, lines, text, truncated }) => {
      if (lines === 0) return `${alias}: ${project} has no such log lines.`;
      const { text: capped, omittedBytes } = capText(text, Math.floor(TEXT_BYTES / rows.length));
      const cut = truncated || omittedBytes > 0 ? ', cut' : '';
      return `${alias}: ${project}, ${lines} lines${cut}\n${fenceRemote(capped, 'logs')}`;
    }),
});

const filter = (search: string | undefined): string =>
  search === undefined ? '' : ` | grep -i -F -e ${quote(search.replaceAll('\n', ' '))}`;

/** Compose 2.26 begins each line with an order to clear it, also with `--ansi never`. */
const CLEAR_LINE = '\u001b[2K';

function shown(output: string, truncated: boolean): Omit<Logs, 'project'> {
  const text = output.replaceAll(CLEAR_LINE, '');
  return { lines: text === '' ? 0 : text.replace(/\n$/, '').split('\n').length, text, truncated };
}

/** grep ends with 1 when nothing matches. */
function refuse(alias: string, project: string, stderr: string, search: string | undefined): void {
  if (search !== undefined && stderr.trim() === '') return;
  throw new FlotillaError('CONFLICT', 'docker compose logs failed.', {
    details: { alias, project, remote: saidBy(stderr) },
  });
}
