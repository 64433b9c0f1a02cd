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
import { quote } from '@flotilla/ssh';
import { z } from 'zod';
import { imageName, timeoutSeconds } from '../lib/arguments.ts';
import { saidBy } from '../lib/compose/command-problem.ts';
import { clientOf } from '../lib/containers/details.ts';
import { withEngine } from '../lib/engine/index.ts';
import { inspectImage } from '../lib/images/image.ts';
import { shortId } from '../lib/text.ts';

const path = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^(?:\/|~\/)/, 'an absolute path, or ~/…');

export const imageBuild = defineTool({
  name: 'image_build',
  title: 'Build an image',
  description:
    'Builds an image on a host from a folder there that holds a Dockerfile (bring it with task_transfer first), as a durable run; task_output has the whole build log. ' +
    'Needs the docker or podman client on the host.',
  effect: 'write',
  input: z.object({
    alias: HostAlias,
    context: path.describe('Folder on the host, absolute or ~/…'),
    tag: imageName,
    dockerfile: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe('Path of the Dockerfile, relative to the folder; default Dockerfile'),
    target: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/, 'a stage name')
      .optional()
      .describe('Stage to build'),
    buildArgs: secret(
      z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a variable name'), z.string().max(100_000)),
    )
      .optional()
      .describe('Build arguments; they stay readable in the image'),
    noCache: z.boolean().default(false).describe('Build every step anew'),
    pull: z.boolean().default(false).describe('Fetch newer base images first'),
    network: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/, 'a network name, host or none')
      .optional()
      .describe('Network of the build steps'),
    timeout: timeoutSeconds.describe('Seconds until it is ended; default 3600'),
    idempotencyKey: idempotencyKeyArgument,
  }),
  output: z.object({
    alias: z.string(),
    tag: z.string(),
    id: z.string(),
    bytes: z.number(),
    durationMs: z.number(),
    log: z.string().describe('Its end'),
    runId: z.string(),
  }),
  job: { timeoutMs: 0, summary: ({ alias, tag, context }) => `${alias}: build ${tag} from ${context}` },
  run: async (job, input) => {
    const { alias, tag } = input;
    const client = await job.step.repeatable(
      'find',
      () => withEngine(job, alias, async (engine) => clientOf(engine)),
      { alias },
    );
    const limitMs = (input.timeout ?? 3600) * 1000;
    const result = await job.step.command('build', alias, {
      command: buildCommand(client, input),
      timeoutMs: limitMs,
      ...(input.buildArgs && { secret: true }),
    });
    const log = `${result.stdout.text}${result.stderr.text}`.slice(-8_000);
    if (result.exitCode !== 0)
      throw new FlotillaError(
        result.timedOut ? 'COMMAND_TIMEOUT' : 'CONFLICT',
        result.timedOut ? `The build took longer than ${limitMs / 1000} s.` : 'The build failed.',
        {
          details: { alias, tag, exitCode: result.exitCode, runId: job.runId, remote: saidBy(log) },
          hint: `The whole log: task_output {"id":"${job.runId}"}.`,
        },
      );
    const image = await job.step.repeatable(
      'look',
      () => withEngine(job, alias, (engine) => inspectImage(engine, tag, job.signal)),
      { alias },
    );
    return {
      alias,
      tag,
      id: shortId(image.Id),
      bytes: image.Size ?? 0,
      durationMs: result.durationMs,
      log: saidBy(log),
      runId: job.runId,
    };
  },
  text: ({ alias, tag, id, durationMs, log }) =>
    `${alias}: built ${tag} (${id}) in ${formatDuration(durationMs)}\n${fenceRemote(capText(log, 4_000).text, 'end of the build log')}`,
});

function buildCommand(
  client: string,
  input: {
    context: string;
    tag: string;
    dockerfile?: string | undefined;
    target?: string | undefined;
    buildArgs?: Record<string, string> | undefined;
    noCache: boolean;
    pull: boolean;
    network?: string | undefined;
  },
): string {
  const folder = input.context.startsWith('~/')
    ? `"$HOME"/${quote(input.context.slice(2))}`
    : quote(input.context);
  const flags = [
    `--tag ${quote(input.tag)}`,
    ...(input.dockerfile === undefined ? [] : [`--file ${quote(input.dockerfile)}`]),
    ...(input.target === undefined ? [] : [`--target ${quote(input.target)}`]),
    ...(input.network === undefined ? [] : [`--network ${quote(input.network)}`]),
    ...(input.noCache ? ['--no-cache'] : []),
    ...(input.pull ? ['--pull'] : []),
    ...Object.entries(input.buildArgs ?? {}).map(
      ([name, value]) => `--build-arg ${quote(`${name}=${value}`)}`,
    ),
  ];
  return `cd ${folder} && exec ${client} build ${flags.join(' ')} .`;
}
