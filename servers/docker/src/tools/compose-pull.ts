import { defineTool, idempotencyKeyArgument } from '@flotilla/core';
import { z } from 'zod';
import { projectArguments, projectText, services } from '../lib/compose/arguments.ts';
import { requireDone } from '../lib/compose/command-problem.ts';
import { openProject, serviceWords } from '../lib/compose/open-project.ts';
import { inspectImage } from '../lib/compose/read-drift.ts';
import { readModel } from '../lib/compose/read-model.ts';
import { isAtLeast } from '../lib/compose/version.ts';
import { withEngine } from '../lib/engine/index.ts';

export const composePull = defineTool({
  name: 'compose_pull',
  title: 'Pull the images of a compose project',
  description:
    'Downloads the images that the compose file of a project names, and says which ones are newer than before. ' +
    'What runs is not touched: compose_up takes the new images, with its health gate. ' +
    'image_updates asks the registries without downloading. Example: alias "web1", path "/srv/shop".',
  effect: 'write',
  input: z.object({
    ...projectArguments,
    services,
    timeout: z.number().min(1).max(86_400).default(1_800).describe('Seconds; default 1800'),
    idempotencyKey: idempotencyKeyArgument,
  }),
  output: z.object({
    alias: z.string(),
    project: z.string(),
    images: z.array(
      z.object({
        image: z.string(),
        before: z.string().optional(),
        after: z.string().optional(),
        changed: z.boolean(),
      }),
    ),
  }),
  job: {
    timeoutMs: 0,
    summary: (input) => `compose pull ${projectText(input)}`,
    locks: ({ alias }) => [`docker:${alias}`],
  },
  run: async (job, input) => {
    const { alias } = input;
    const ids = (images: readonly string[], signal: AbortSignal) =>
      withEngine(job, alias, async (engine) => {
        const found: (string | undefined)[] = [];
        for (const image of images) found.push((await inspectImage(engine, image, signal))?.Id);
        return found.map((id) => id ?? null);
      });
    const plan = await job.step.repeatable(
      'plan',
      ({ signal }) =>
        withEngine(job, alias, async (engine) => {
          const project = await openProject(job, engine, input);
          const { model } = await readModel(job, project);
          const images = Object.entries(model.services)
            .filter(([service]) => input.services?.includes(service) ?? true)
            .flatMap(([, { image }]) => image ?? []);
          const distinct = [...new Set(images)];
          const command = project.command(
            `pull --quiet${isAtLeast(project.version, 2, 15) ? ' --ignore-buildable' : ''}${serviceWords(input.services)}`,
          );
          return { project: model.name, command, images: distinct, before: await ids(distinct, signal) };
        }),
      { alias },
    );
    const timeoutMs = input.timeout * 1000;
    const result = await job.step.command('pull', alias, { command: plan.command, timeoutMs });
    requireDone(alias, 'docker compose pull', result, timeoutMs);
    const after = await job.step.repeatable('after', ({ signal }) => ids(plan.images, signal), { alias });
    const images = plan.images.map((image, at) => {
      const [old, now] = [plan.before[at], after[at]];
      return { image, ...(old && { before: old }), ...(now && { after: now }), changed: old !== now };
    });
    return { alias, project: plan.project, images };
  },
  text: ({ alias, project, images }) => {
    const changed = images.filter((image) => image.changed);
    const head = `${alias}: ${project}, ${changed.length} of ${images.length} images are new.`;
    return [
      head,
      ...changed.map(
        ({ image, before }) =>
          `  ${image}${before === undefined ? ' (was not there)' : ' is newer than before'}`,
      ),
    ].join('\n');
  },
});
