import { capText, defineTool, FlotillaError, fenceRemote } from '@flotilla/core';
import { quote } from '@flotilla/ssh';
import { z } from 'zod';
import { idempotencyKey } from '../lib/arguments.ts';
import { projectArguments, projectText, services } from '../lib/compose/arguments.ts';
import { runningProject } from '../lib/compose/by-name.ts';
import { saidBy } from '../lib/compose/command-problem.ts';
import { serviceWords } from '../lib/compose/open-project.ts';
import { withEngine } from '../lib/engine/index.ts';

const MAX_BYTES = 256 * 1024;
const TEXT_BYTES = 40_000;

export const composeLogs = defineTool({
  name: 'compose_logs',
  title: 'Logs of a compose project',
  description:
    'The last log lines of all services of a project, or of some, each line with its container. ' +
    'follow keeps reading until its time is over, as a run: task_output shows what has come, task_cancel ends it. ' +
    'Example: alias "web1", project "shop", services ["api"], lines 200, search "error".',
  effect: 'read',
  input: z.object({
    ...projectArguments,
    services,
    lines: z
      .number()
      .int()
      .min(1)
      .max(10_000)
      .default(100)
      .describe('Last lines of each container; default 100'),
    since: z
      .string()
      .regex(/^[0-9][0-9TZ:.+smhd-]{0,40}$/, 'a time such as 2026-01-31T10:00:00Z, or an age such as 15m')
      .optional()
      .describe('Only lines after this time, or of this age, e.g. 15m'),
    timestamps: z.boolean().default(false).describe('Put the time before each line'),
    search: z.string().min(1).max(500).optional().describe('Only lines that contain this text, case ignored'),
    follow: z.boolean().default(false).describe('Go on reading new lines, as a run'),
    timeout: z.number().min(1).max(86_400).default(300).describe('Seconds to follow; default 300'),
    idempotencyKey,
  }),
  output: z.object({
    alias: z.string(),
    project: z.string(),
    lines: z.number(),
    text: z.string(),
    truncated: z.boolean(),
  }),
  job: {
    timeoutMs: 0,
    summary: (input) => `compose logs ${projectText(input)}`,
    inline: (input) => !input.follow,
  },
  run: async (job, input) => {
    const { alias } = input;
    const flags = [
      `--no-color --tail ${input.lines}`,
      ...(input.since === undefined ? [] : [`--since ${quote(input.since)}`]),
      ...(input.timestamps ? ['--timestamps'] : []),
      ...(input.follow ? ['--follow'] : []),
    ].join(' ');
    const find = () =>
      withEngine(job, alias, async (engine) => {
        const { name, command } = await runningProject(job, engine, input);
        return {
          name,
          command: `${command(`logs ${flags}${serviceWords(input.services)}`)}${filter(input.search)}`,
        };
      });
    if (!input.follow) {
      const { name, command } = await find();
      const result = await job.hosts.shell(alias, command, {
        maxBytes: MAX_BYTES,
        timeoutMs: 60_000,
        signal: job.signal,
      });
      if (result.exitCode !== 0 && result.stdout === '') refuse(alias, name, result.stderr, input.search);
      return { alias, project: name, ...shown(result.stdout, result.truncated) };
    }
    const { name, command } = await job.step.repeatable('find', find, { alias });
    const result = await job.step.command('follow', alias, { command, timeoutMs: input.timeout * 1000 });
    return { alias, project: name, ...shown(result.stdout.text, result.stdout.truncated) };
  },
  text: ({ alias, project, lines, text, truncated }) => {
    if (lines === 0) return `${alias}: ${project} has no such log lines.`;
    const { text: capped, omittedBytes } = capText(text, TEXT_BYTES);
    const cut = truncated || omittedBytes > 0 ? ', cut' : '';
    return `${alias}: ${project}, ${lines} lines${cut}\n${fenceRemote(capped, 'logs')}`;
  },
});

const filter = (search: string | undefined): string =>
  search === undefined ? '' : ` | grep -i -F -e ${quote(search.replaceAll('\n', ' '))}`;

const shown = (text: string, truncated: boolean) => ({
  lines: text === '' ? 0 : text.replace(/\n$/, '').split('\n').length,
  text,
  truncated,
});

/** grep ends with 1 when nothing matches. */
function refuse(alias: string, project: string, stderr: string, search: string | undefined): void {
  if (search !== undefined && stderr.trim() === '') return;
  throw new FlotillaError('CONFLICT', 'docker compose logs failed.', {
    details: { alias, project, remote: saidBy(stderr) },
  });
}
