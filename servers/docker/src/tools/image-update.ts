import {
  defineTool,
  FlotillaError,
  fenceRemote,
  HostAlias,
  idempotencyKeyArgument,
  type JobContext,
} from '@flotilla/core';
import { quote } from '@flotilla/ssh';
import { z } from 'zod';
import { containerName, healthTimeout, imageName } from '../lib/arguments.ts';
import { dryRun, projectName, serviceName } from '../lib/compose/arguments.ts';
import { requireDone } from '../lib/compose/command-problem.ts';
import { clientOf } from '../lib/containers/details.ts';
import { withEngine } from '../lib/engine/index.ts';
import { carryOut } from '../lib/plan/carry-out.ts';
import { changeFailed, changeShape, changeText } from '../lib/plan/change-report.ts';
import { localImage } from '../lib/update/check-image.ts';
import { updateChange } from '../lib/update/update-change.ts';
import { planUpdate, UpdatePlan } from '../lib/update/update-plan.ts';

export const imageUpdate = defineTool({
  name: 'image_update',
  title: 'Update a container to a newer image',
  description:
    'Pulls the image of a container or compose service and replaces its containers by ones with exactly the same settings, volumes and networks. ' +
    'The old ones are kept until the new ones are healthy; if they do not get there, they are removed and the old ones run again, from the old image, which stays protected. ' +
    'dryRun says which containers and which digests; image_updates finds what has a newer image. ' +
    'Example: alias "web1", container "redis".',
  effect: { max: 'write', of: (input) => (input.dryRun ? 'read' : 'write') },
  input: z.object({
    alias: HostAlias,
    container: containerName.optional(),
    project: projectName.optional().describe('Compose project; with service'),
    service: serviceName.optional().describe('Service of the project'),
    image: imageName
      .optional()
      .describe('Another image for a container that compose does not manage; default the same tag'),
    dryRun,
    timeout: z.number().min(1).max(86_400).default(1_800).describe('Seconds to pull; default 1800'),
    healthTimeout: healthTimeout.describe('Seconds to become healthy; default 120'),
    idempotencyKey: idempotencyKeyArgument,
  }),
  output: z.object({
    alias: z.string(),
    dryRun: z.boolean(),
    plan: UpdatePlan,
    imageId: z.string().optional().describe('Image that runs now'),
    ...changeShape,
    outcome: changeShape.outcome.optional().describe('Absent for a dry run'),
  }),
  isError: changeFailed,
  job: {
    timeoutMs: 0,
    summary: ({ alias, container, project, service }) =>
      `update ${alias}: ${container ?? `${project}/${service}`}`,
    locks: ({ alias }) => [`docker:${alias}`],
    inline: (input) => input.dryRun,
  },
  run: async (job, input) => {
    const { alias } = input;
    const look = () => withEngine(job, alias, (engine) => planUpdate(job, engine, input));
    if (input.dryRun) return { alias, dryRun: true, plan: await look() };
    const plan = await job.step.repeatable('plan', look, { alias });
    if (plan.pull) await pull(job, alias, plan.image, input.timeout * 1000);
    const imageId = await job.step.repeatable('image', ({ signal }) => idOf(job, alias, plan.image, signal), {
      alias,
    });
    if (plan.containers.every((container) => container.imageId === imageId))
      return { alias, dryRun: false, plan, imageId, outcome: 'unchanged' as const };
    const report = await carryOut(
      job,
      updateChange(job, plan, { alias, imageId, gateMs: input.healthTimeout * 1000 }),
    );
    const running = report.outcome === 'applied' ? imageId : plan.containers[0]?.imageId;
    return { alias, dryRun: false, plan, ...(running !== undefined && { imageId: running }), ...report };
  },
  text: ({ alias, plan, outcome, imageId, dryRun: planned, ...report }) => {
    const names = plan.containers.map(({ name }) => name).join(', ');
    const { check } = plan;
    const lines = [
      `${alias}: ${names}: ${planned ? 'plan, nothing was changed' : outcome}${imageId === undefined ? '' : `, runs ${imageId.slice(7, 19)}`}`,
      ...(outcome === undefined ? [] : [changeText({ ...report, outcome })]),
      `Image ${plan.previousImage === plan.image ? plan.image : `${plan.previousImage} → ${plan.image}`}: ${check.state}${check.newest === undefined ? '' : `, ${check.current?.slice(7, 19)} → ${check.newest.slice(7, 19)}`}`,
      ...(check.remote === undefined ? [] : [fenceRemote(check.remote, 'registry')]),
      ...(planned ? plan.notes : []),
    ];
    return lines.filter((line) => line !== '').join('\n');
  },
});

/** By the client of the host: it has the host's login, and goes on when this process ends. */
async function pull(job: JobContext, alias: string, image: string, timeoutMs: number): Promise<void> {
  const command = await job.step.repeatable(
    'client',
    () => withEngine(job, alias, async (engine) => `${clientOf(engine)} pull --quiet ${quote(image)}`),
    { alias },
  );
  const result = await job.step.command('pull', alias, { command, timeoutMs });
  requireDone(alias, 'Pulling the image', result, timeoutMs);
}

const idOf = (job: JobContext, alias: string, image: string, signal: AbortSignal): Promise<string> =>
  withEngine(job, alias, async (engine) => {
    const found = await localImage(engine, image, signal);
    if (found) return found.Id;
    throw new FlotillaError('NOT_FOUND', 'The host does not have the image.', { details: { alias, image } });
  });
