import {
  defineTool,
  fenceRemote,
  HostAlias,
  idempotencyKeyArgument,
  isFlotillaError,
  secret,
} from '@flotilla/core';
import { z } from 'zod';
import { imageName, labels, objectName, timeoutSeconds } from '../lib/arguments.ts';
import { containerPath } from '../lib/containers/details.ts';
import { withEngine } from '../lib/engine/index.ts';
import { inspectImage } from '../lib/images/image.ts';
import { transferImage } from '../lib/images/pull-image.ts';
import { createBody } from '../lib/run/create-body.ts';
import { makeContainer, watchContainer } from '../lib/run/run-container.ts';

const words = z.array(z.string().max(100_000)).max(1000).optional();

export const dockerRun = defineTool({
  name: 'docker_run',
  title: 'Run a new container',
  description:
    'Makes a container from an image and starts it once, pulling the image if the host lacks it; for an application of several containers use compose_up. ' +
    'By default it stays in the background and is looked at a moment later; wait: true waits for its end and answers with its log. ' +
    'Ports are published on 127.0.0.1 unless an address is given. ' +
    'Example: image "redis:7", name "cache", ports ["127.0.0.1:6379:6379"], volumes ["cache:/data"].',
  effect: { max: 'destroy', of: (input) => (input.dryRun ? 'read' : 'destroy') },
  input: z.object({
    alias: HostAlias,
    image: imageName,
    name: objectName.optional().describe('Name of the container; default one made from the run'),
    cmd: words.describe('Command and arguments; default those of the image'),
    entrypoint: words.describe('Replaces the entrypoint of the image'),
    env: secret(
      z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a variable name'), z.string().max(100_000)),
    )
      .optional()
      .describe('Environment variables'),
    ports: z
      .array(z.string().max(100))
      .max(200)
      .optional()
      .describe('Published ports, ADDRESS:OUTSIDE:INSIDE/tcp'),
    volumes: z
      .array(z.string().max(4096))
      .max(200)
      .optional()
      .describe('NAME:/path or /folder:/path, with :ro if wanted'),
    network: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,254}$/, 'a network name, host or none')
      .optional()
      .describe('Network; default that of the engine'),
    restart: z
      .string()
      .regex(
        /^(?:no|always|unless-stopped|on-failure(?::\d{1,4})?)$/,
        'no, always, unless-stopped or on-failure[:N]',
      )
      .default('no')
      .describe('Restart policy; default no'),
    user: z
      .string()
      .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*(?::[A-Za-z0-9_.-]+)?$/, 'name or id, with :group if wanted')
      .optional()
      .describe('User inside; default that of the image'),
    cwd: z.string().regex(/^\//, 'an absolute path').max(4096).optional().describe('Working folder inside'),
    labels,
    memoryBytes: z
      .number()
      .int()
      .min(4 * 1024 * 1024)
      .optional()
      .describe('Memory limit in bytes'),
    cpus: z.number().min(0.01).max(1024).optional().describe('CPU limit, e.g. 0.5'),
    readOnly: z.boolean().optional().describe('Its root file system cannot be written'),
    pull: z
      .enum(['missing', 'always', 'never'])
      .default('missing')
      .describe('When to pull the image; default missing'),
    wait: z.boolean().default(false).describe('Wait for its end'),
    remove: z.boolean().default(false).describe('With wait: remove it afterwards'),
    timeout: timeoutSeconds,
    dryRun: z.boolean().default(false).describe('Only check the arguments and say what would be made'),
    idempotencyKey: idempotencyKeyArgument,
  }),
  output: z.object({
    alias: z.string(),
    container: z.string(),
    id: z.string(),
    image: z.string(),
    state: z.string(),
    exitCode: z.number().optional(),
    why: z.string().optional(),
    pulled: z.boolean(),
    removed: z.boolean().optional(),
    warnings: z.array(z.string()),
    lines: z.array(z.string()).describe('Log of a container that has ended'),
    dryRun: z.boolean().optional(),
  }),
  isError: ({ exitCode, state, dryRun }) => !dryRun && state !== 'running' && exitCode !== 0,
  job: {
    timeoutMs: 0,
    summary: ({ alias, image, name }) => `${alias}: run ${image}${name ? ` as ${name}` : ''}`,
    inline: ({ dryRun }) => dryRun,
  },
  run: async (job, input) => {
    const { alias, image, pull, wait } = input;
    const name = input.name ?? `flotilla-${job.runId.slice(-10).toLowerCase()}`;
    createBody(input, job.runId);
    const missing = (): Promise<boolean> =>
      withEngine(job, alias, (engine) => isMissing(() => inspectImage(engine, image, job.signal)));
    if (input.dryRun) {
      const pulled = pull === 'always' || (await missing());
      return {
        alias,
        container: name,
        id: '',
        image,
        state: 'planned',
        pulled,
        warnings: [],
        lines: [],
        dryRun: true,
      };
    }
    const pulled =
      pull === 'always' || (pull === 'missing' && (await job.step.repeatable('look', missing, { alias })));
    if (pulled) await transferImage(job, alias, 'pull', image);
    const made = await job.step.repeatable(
      'make',
      ({ signal }) =>
        withEngine(job, alias, (engine) => makeContainer(engine, name, input, job.runId, signal)),
      { alias },
    );
    const limitMs =
      input.timeout === undefined ? job.settings.commandTimeoutMs || 2 ** 31 - 1 : input.timeout * 1000;
    const ran = await job.step.repeatable(
      'watch',
      ({ signal }) =>
        withEngine(job, alias, (engine) => watchContainer(engine, made.id, wait, limitMs, signal)),
      { alias },
    );
    const removed = wait && input.remove;
    if (removed)
      await job.step.repeatable(
        'remove',
        ({ signal }) =>
          withEngine(job, alias, async (engine) => {
            await isMissing(() =>
              engine.send(containerPath(made.id), {
                method: 'DELETE',
                query: { v: true, force: true },
                signal,
              }),
            );
          }),
        { alias },
      );
    return { alias, image, pulled, warnings: made.warnings, ...ran, ...(removed && { removed }) };
  },
  text: (output) => {
    const { alias, container, id, image, state, exitCode, why, pulled, removed, lines, warnings, dryRun } =
      output;
    if (dryRun) return `${alias}: would run ${image} as ${container}${pulled ? ' after pulling it' : ''}.`;
    const end = exitCode === undefined ? '' : `, exit code ${exitCode}: ${why}`;
    const head = `${alias}: ${container} (${id}) from ${image}${pulled ? ', just pulled,' : ''} is ${removed ? 'removed again' : state}${end}.`;
    const data = [...warnings.map((warning) => `warning: ${warning}`), ...lines];
    return data.length === 0 ? head : `${head}\n${fenceRemote(data.join('\n'), 'container')}`;
  },
});

/** Whether `look` found nothing. */
async function isMissing(look: () => Promise<unknown>): Promise<boolean> {
  try {
    await look();
    return false;
  } catch (error) {
    if (isFlotillaError(error) && error.code === 'NOT_FOUND') return true;
    throw error;
  }
}
