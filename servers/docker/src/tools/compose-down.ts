import { defineTool, idempotencyKeyArgument } from '@flotilla/core';
import { z } from 'zod';
import { dryRun, projectArguments, projectText } from '../lib/compose/arguments.ts';
import { requireDone } from '../lib/compose/command-problem.ts';
import { DownPlan, planDown, removeVolume } from '../lib/compose/down-plan.ts';
import { withEngine } from '../lib/engine/index.ts';

export const composeDown = defineTool({
  name: 'compose_down',
  title: 'Take a compose project down',
  description:
    'Stops and removes the containers and networks of a project; compose_up makes them again. ' +
    'Volumes stay with their data, except those named in volumes: these are lost for good. ' +
    'dryRun lists what would go. Example: alias "web1", project "shop", dryRun true.',
  effect: { max: 'destroy', of: (input) => (input.dryRun ? 'read' : 'destroy') },
  input: z.object({
    ...projectArguments,
    dryRun,
    volumes: z
      .array(z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/, 'the name of a volume'))
      .max(100)
      .default([])
      .describe('Volumes to remove as well, each by its name; default none'),
    timeout: z.number().min(1).max(3_600).default(300).describe('Seconds; default 300'),
    idempotencyKey: idempotencyKeyArgument,
  }),
  output: z.object({ alias: z.string(), dryRun: z.boolean(), plan: DownPlan }),
  job: {
    timeoutMs: 0,
    summary: (input) => `compose down ${projectText(input)}`,
    locks: ({ alias }) => [`docker:${alias}`],
    inline: (input) => input.dryRun,
  },
  run: async (job, input) => {
    const { alias } = input;
    const look = () => withEngine(job, alias, (engine) => planDown(job, engine, input));
    if (input.dryRun) return { alias, dryRun: true, plan: (await look()).plan };
    const { plan, command } = await job.step.repeatable('plan', look, { alias });
    const timeoutMs = input.timeout * 1000;
    const result = await job.step.command('down', alias, { command, timeoutMs });
    requireDone(alias, 'docker compose down', result, timeoutMs);
    if (plan.volumes.length > 0)
      await job.step.repeatable(
        'volumes',
        ({ signal }) =>
          withEngine(job, alias, async (engine) => {
            for (const volume of plan.volumes) await removeVolume(engine, volume, signal);
          }),
        { alias },
      );
    return { alias, dryRun: false, plan };
  },
  text: ({ alias, plan, dryRun: planned }) => {
    const verb = planned ? 'Would be removed' : 'Removed';
    const list = (what: string, names: readonly string[]): string[] =>
      names.length === 0
        ? []
        : [`  ${names.length} ${what}: ${names.slice(0, 50).join(', ')}${names.length > 50 ? ' …' : ''}`];
    return [
      `${alias}: ${plan.project}. ${verb}:`,
      ...list('containers', plan.containers),
      ...list('networks', plan.networks),
      ...list('VOLUMES WITH THEIR DATA', plan.volumes),
      ...(plan.keptVolumes.length > 0
        ? [`Volumes that stay: ${plan.keptVolumes.slice(0, 50).join(', ')}`]
        : []),
    ].join('\n');
  },
});
