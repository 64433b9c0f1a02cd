import { FlotillaError, type ToolContext } from '@flotilla/core';
import { z } from 'zod';
import { LABEL } from '../compose/labels.ts';
import { composeContainers } from '../compose/project-containers.ts';
import type { Engine } from '../engine/index.ts';
import { checkImage, ImageCheck } from './check-image.ts';
import { inspectContainer, needContainer } from './containers.ts';
import { movableTag } from './image-reference.ts';
import { type ContainerInspect, nameOf } from './inspected.ts';
import { registryAuth } from './registry-auth.ts';

export interface UpdateInput {
  alias: string;
  container?: string | undefined;
  project?: string | undefined;
  service?: string | undefined;
  image?: string | undefined;
}

export const UpdatePlan = z.object({
  containers: z.array(
    z.object({ id: z.string(), name: z.string(), running: z.boolean(), imageId: z.string() }),
  ),
  /** The reference that the containers will be made from. */
  image: z.string(),
  previousImage: z.string(),
  check: ImageCheck.describe('What runs against the registry'),
  pull: z.boolean(),
  notes: z.array(z.string()),
});
export type UpdatePlan = z.infer<typeof UpdatePlan>;

/** Which containers would be made anew, from what; changes nothing. */
export async function planUpdate(
  context: Pick<ToolContext, 'hosts' | 'signal'>,
  engine: Engine,
  input: UpdateInput,
): Promise<UpdatePlan> {
  const { signal } = context;
  const containers = await targets(engine, input, signal);
  const [first] = containers;
  if (!first)
    throw new FlotillaError('NOT_FOUND', 'The service has no containers.', { details: { ...input } });
  for (const container of containers) refuse(engine.alias, container, input.image);
  const previousImage = first.Config.Image;
  const image = input.image ?? previousImage;
  const auth = registryAuth(context, engine.alias);
  const check = await checkImage(engine, auth, { image, imageId: first.Image }, signal);
  return {
    containers: containers.map((one) => ({
      id: one.Id,
      name: nameOf(one),
      running: one.State.Running,
      imageId: one.Image,
    })),
    image,
    previousImage,
    check,
    pull: input.image !== undefined || check.state !== 'local_only',
    notes: notes(containers),
  };
}

async function targets(engine: Engine, input: UpdateInput, signal: AbortSignal): Promise<ContainerInspect[]> {
  const { container, project, service } = input;
  if (container !== undefined && project === undefined && service === undefined)
    return [await needContainer(engine, container, signal)];
  if (container !== undefined || project === undefined || service === undefined)
    throw new FlotillaError('INVALID_INPUT', 'Name a container, or project and service.');
  const listed = (await composeContainers(engine, project, signal)).filter(
    ({ Labels }) => Labels?.[LABEL.service] === service,
  );
  const found = await Promise.all(listed.map(({ Id }) => inspectContainer(engine, Id, signal)));
  return found.filter((one) => one !== undefined);
}

function refuse(alias: string, container: ContainerInspect, image: string | undefined): void {
  const details = { alias, container: nameOf(container) };
  if (container.HostConfig.AutoRemove)
    throw new FlotillaError(
      'UNSUPPORTED',
      'The container removes itself when it stops: there is no way back from an update.',
      { details },
    );
  if (image !== undefined && container.Config.Labels?.[LABEL.project] !== undefined)
    throw new FlotillaError('INVALID_INPUT', 'The image of a compose service is named by its file.', {
      details,
      hint: 'Change it with compose_edit, then compose_up.',
    });
  if (image === undefined && !movableTag(container.Config.Image))
    throw new FlotillaError(
      'CONFLICT',
      'The container names its image by id or digest: there is no newer one.',
      {
        details: { ...details, image: container.Config.Image },
        hint: 'Say which image it shall have: image.',
      },
    );
}

function notes(containers: readonly ContainerInspect[]): string[] {
  const stopped = containers.filter(({ State }) => !State.Running).map(nameOf);
  return [
    'Each container is stopped while it is replaced.',
    ...(stopped.length > 0
      ? [`${stopped.join(', ')}: not running now, and not started after the update`]
      : []),
  ];
}
