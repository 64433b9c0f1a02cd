import type { Engine } from '../engine/index.ts';
import type { LocalImage } from './check-image.ts';
import {
  createContainer,
  inspectContainer,
  renameContainer,
  startContainer,
  stopContainer,
} from './containers.ts';
import { createFrom } from './create-body.ts';
import { type ContainerInspect, nameOf } from './inspected.ts';

export interface Replacement {
  old: ContainerInspect;
  /** Name that the old container has until the gate has passed. */
  aside: string;
  image: string;
  /** What the old image gives. */
  oldImage: LocalImage | undefined;
  labels: Record<string, string>;
}

/**
 * Puts a container aside and makes one with the same name and settings from another image. Run again after it was cut
 * off, it goes on where it was.
 */
export async function replaceContainer(
  engine: Engine,
  { old, aside, image, oldImage, labels }: Replacement,
  signal: AbortSignal,
): Promise<void> {
  const name = nameOf(old);
  const present = await inspectContainer(engine, name, signal);
  if (present?.Id === old.Id) {
    await stopContainer(engine, old.Id, signal);
    await renameContainer(engine, old.Id, aside, signal);
  }
  const made = present !== undefined && present.Id !== old.Id ? present.Id : undefined;
  const options = { image, ...(oldImage?.Config && { imageDefaults: oldImage.Config }), labels };
  const id = made ?? (await createContainer(engine, createFrom(old, options), signal));
  if (old.State.Running) await startContainer(engine, id, signal);
}
