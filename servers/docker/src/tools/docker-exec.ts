import {
  capText,
  defineTool,
  FlotillaError,
  fenceRemote,
  formatDuration,
  HostAlias,
  idempotencyKeyArgument,
  secret,
} from '@flotilla/core';
import { z } from 'zod';
import { containerName, timeoutSeconds } from '../lib/arguments.ts';
import { inspectContainer } from '../lib/containers/details.ts';
import { withEngine } from '../lib/engine/index.ts';
import { stoppedByPerson } from '../lib/plan/carry-out.ts';
import { execByApi } from '../lib/run/exec-api.ts';
import { execCommand } from '../lib/run/exec-command.ts';
import { type Stopped, stopExecOf } from '../lib/run/stop-exec.ts';
import { cell, shown } from '../lib/text.ts';

const TEXT_BYTES = 20_000;
const MAX_TIMER_MS = 2 ** 31 - 1;

const SAID: Record<Stopped, string> = {
  stopped: 'What it had started in the container was ended.',
  left: 'Some of what it started still runs in the container: docker_exec with cmd "ps" shows it.',
  unknown: 'What it started in the container may still run there.',
};

export const dockerExec = defineTool({
  name: 'docker_exec',
  title: 'Run a command in a container',
  description:
    'Runs a command in a running container, at most once even if a connection or this server dies, and answers with exit code, stdout and stderr. ' +
    'cmd as text runs in the shell of the container, as a list it runs without one. ' +
    'At the time limit and on a cancel what it started in the container is ended, too. ' +
    'Example: container "db", cmd ["psql", "-U", "app", "-c", "select 1"].',
  effect: 'destroy',
  input: z.object({
    alias: HostAlias,
    container: containerName,
    cmd: z
      .union([z.string().min(1).max(100_000), z.array(z.string().max(100_000)).min(1).max(1000)])
      .describe('Text for sh -c in the container, or a list of words'),
    user: z
      .string()
      .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*(?::[A-Za-z0-9_.-]+)?$/, 'name or id, with :group if wanted')
      .optional()
      .describe('User in the container; default its own'),
    cwd: z.string().regex(/^\//, 'an absolute path').max(4096).optional().describe('Folder in the container'),
    env: secret(
      z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a variable name'), z.string().max(100_000)),
    )
      .optional()
      .describe('Environment variables to add'),
    stdin: z.string().max(8_388_608).optional().describe('Standard input; default none'),
    timeout: timeoutSeconds,
    idempotencyKey: idempotencyKeyArgument,
  }),
  output: z.object({
    alias: z.string(),
    container: z.string(),
    exitCode: z.number().int().nullable(),
    stdout: z.string(),
    stderr: z.string(),
    truncated: z.boolean().describe('Output is cut here; task_output has all of it'),
    durationMs: z.number(),
    runId: z.string(),
  }),
  isError: ({ exitCode }) => exitCode !== 0,
  job: {
    timeoutMs: 0,
    summary: ({ alias, container, cmd }) =>
      `${alias}: ${container}: ${cell(typeof cmd === 'string' ? cmd : cmd.join(' '))}`,
  },
  run: async (job, input) => {
    const { alias, container, stdin } = input;
    const base = { alias, container, runId: job.runId };
    const limitMs = input.timeout === undefined ? job.settings.commandTimeoutMs : input.timeout * 1000;
    const found = await job.step.repeatable(
      'find',
      () =>
        withEngine(job, alias, async (engine) => {
          const { Id, State } = await inspectContainer(engine, container, job.signal);
          if (!State.Running)
            throw new FlotillaError('CONFLICT', 'The container is not running.', {
              details: { alias, container, state: State.Status },
              hint: 'Start it with docker_start, or run the command in a new one with docker_run.',
            });
          return { id: Id, client: engine.route.client ?? null };
        }),
      { alias },
    );
    const exec = { ...input, container: found.id, mark: job.runId };
    const tooLate = async (remote: string): Promise<FlotillaError> =>
      new FlotillaError('COMMAND_TIMEOUT', `The command took longer than ${limitMs / 1000} s.`, {
        details: { alias, container, remote },
        hint: `${SAID[await stopExecOf(job, alias, exec)]} Raise timeout, or see the output: task_output.`,
      });
    try {
      if (found.client === null) {
        const began = performance.now();
        const limit = AbortSignal.timeout(limitMs || MAX_TIMER_MS);
        const result = await job.step.once(
          'exec',
          ({ signal }) =>
            withEngine(job, alias, (engine) => execByApi(engine, exec, AbortSignal.any([signal, limit]))),
          { alias },
        );
        if (limit.aborted && result.exitCode === null)
          throw await tooLate(result.stdout.slice(-2000) + result.stderr.slice(-2000));
        return { ...base, ...shown(result, 1_000_000), durationMs: Math.round(performance.now() - began) };
      }
      const result = await job.step.command('exec', alias, {
        command: execCommand(found.client, exec),
        timeoutMs: limitMs,
        ...(stdin !== undefined && { stdin }),
        ...(input.env && { secret: true }),
      });
      const { stdout, stderr, exitCode, durationMs } = result;
      if (result.timedOut) throw await tooLate(stdout.text.slice(-2000) + stderr.text.slice(-2000));
      return {
        ...base,
        exitCode,
        stdout: stdout.text,
        stderr: stderr.text,
        truncated: stdout.truncated || stderr.truncated,
        durationMs,
      };
    } catch (error) {
      if (stoppedByPerson(job)) await stopExecOf(job, alias, exec);
      throw error;
    }
  },
  text: ({ alias, container, exitCode, stdout, stderr, truncated, durationMs, runId }) => {
    const fence = (name: string, text: string): string[] =>
      text === ''
        ? []
        : [fenceRemote(capText(text, TEXT_BYTES, { more: `task_output {"id":"${runId}"}` }).text, name)];
    return [
      `${alias}: ${container}: exit code ${exitCode ?? 'unknown'} after ${formatDuration(durationMs)}${truncated ? ', output cut' : ''}`,
      ...fence('stdout', stdout),
      ...fence('stderr', stderr),
    ].join('\n');
  },
});
