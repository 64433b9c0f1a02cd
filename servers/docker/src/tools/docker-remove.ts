import { defineTool, FlotillaError, HostAlias } from '@flotilla/core';
import { z } from 'zod';
import { containerName } from '../lib/arguments.ts';
import { LABEL } from '../lib/compose/labels.ts';
import { containerPath, detailsName, inspectContainer } from '../lib/containers/details.ts';
import { withEngine } from '../lib/engine/index.ts';

export const dockerRemove = defineTool({
  name: 'docker_remove',
  title: 'Remove a container',
  description:
    'Removes one container and what was written inside it; there is no undo. ' +
    'A running one needs force; named volumes always stay, volumes without a name go with volumes: true. ' +
    'dryRun says what would go and what would stay.',
  effect: { max: 'destroy', of: (input) => (input.dryRun ? 'read' : 'destroy') },
  input: z.object({
    alias: HostAlias,
    container: containerName,
    force: z.boolean().default(false).describe('Also when it runs: it is killed'),
    volumes: z.boolean().default(false).describe('Also its volumes that have no name'),
    dryRun: z.boolean().default(false).describe('Only answer with what would be removed'),
  }),
  output: z.object({
    alias: z.string(),
    container: z.string(),
    id: z.string(),
    image: z.string(),
    state: z.string(),
    project: z.string().optional(),
    volumesRemoved: z.array(z.string()),
    volumesKept: z.array(z.string()),
    removed: z.boolean(),
    dryRun: z.boolean(),
  }),
  run: (context, { alias, container, force, volumes, dryRun }) =>
    withEngine(context, alias, async (engine) => {
      const details = await inspectContainer(engine, container, context.signal);
      const running = details.State.Running || details.State.Paused === true;
      if (running && !force && !dryRun)
        throw new FlotillaError('CONFLICT', 'The container is running.', {
          details: { alias, container, state: details.State.Status },
          hint: 'Stop it first with docker_stop, or say force: true.',
        });
      const mounted = (details.Mounts ?? []).flatMap(({ Type, Name }) =>
        Type === 'volume' && Name ? [Name] : [],
      );
      const goes = (name: string): boolean => volumes && /^[0-9a-f]{64}$/.test(name);
      if (!dryRun) {
        const query = { force, v: volumes };
        const call = { method: 'DELETE' as const, query, timeoutMs: 120_000, signal: context.signal };
        await engine.send(containerPath(details.Id), call);
      }
      const project = details.Config.Labels?.[LABEL.project];
      return {
        alias,
        container: detailsName(details),
        id: details.Id.slice(0, 12),
        image: details.Config.Image,
        state: details.State.Status,
        ...(project && { project }),
        volumesRemoved: mounted.filter(goes),
        volumesKept: mounted.filter((name) => !goes(name)),
        removed: !dryRun,
        dryRun,
      };
    }),
  text: (output) => {
    const { alias, container, id, image, state, dryRun, project, volumesRemoved, volumesKept } = output;
    const list = (names: readonly string[]): string => names.map((name) => name.slice(0, 40)).join(', ');
    return [
      `${alias}: ${container} (${id}, ${JSON.stringify(image)}, ${state}) ${dryRun ? 'would be' : 'was'} removed.`,
      ...(project
        ? [`It belongs to the compose project ${JSON.stringify(project)}, which may make it again.`]
        : []),
      ...(volumesRemoved.length > 0 ? [`With it: ${list(volumesRemoved)}.`] : []),
      ...(volumesKept.length > 0 ? [`Volumes that stay: ${list(volumesKept)}.`] : []),
    ].join('\n');
  },
});
