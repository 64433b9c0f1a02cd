import { type FlotillaError, isFlotillaError } from '@flotilla/core';
import type { Engine } from '../engine/index.ts';
import { remoteOf } from '../plan/carry-out.ts';
import type { RollbackReport } from '../plan/change-report.ts';
import {
  createContainer,
  inspectContainer,
  removeContainer,
  renameContainer,
  startContainer,
  stopContainer,
} from './containers.ts';
import { type Creation, createFrom } from './create-body.ts';
import { pointTag } from './image-reference.ts';
import { type ContainerInspect, nameOf } from './inspected.ts';

/**
 * Brings containers back as they were recorded: those of the failed change go, recorded ones that are gone are made
 * anew from their old image with their old settings, and what ran runs. Doing it again changes nothing.
 */
export async function restoreContainers(
  engine: Engine,
  before: readonly ContainerInspect[],
  now: readonly { id: string; name: string }[],
  signal?: AbortSignal,
): Promise<RollbackReport> {
  const report: RollbackReport = { restored: [], removed: [], problems: [] };
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!isFlotillaError(error) || isGone(error)) throw error;
      report.problems.push({ what: `${what}: ${error.message}`, ...remoteOf(error) });
    }
  };
  const known = new Set(before.map(({ Id }) => Id));
  const restored = await alreadyRestored(engine, before, now, signal);
  for (const { id, name } of now.filter((one) => !known.has(one.id) && !restored.has(one.id)))
    await attempt(`${name} could not be removed`, async () => {
      await stopContainer(engine, id, signal);
      await removeContainer(engine, id, signal);
      report.removed.push(name);
    });
  const ids = new Map([...restored].map(([id, old]) => [old, id]));
  for (const container of byStart(before))
    await attempt(`${nameOf(container)} could not be restored`, async () => {
      const { id, changed } = await restore(engine, container, ids, signal);
      ids.set(container.Id, id);
      if (changed) report.restored.push(nameOf(container));
    });
  return report;
}

/** The engine or the way to it is not there; a refusal of the engine has a status. */
const isGone = ({ code, details }: FlotillaError): boolean =>
  code === 'CONNECTION_FAILED' ||
  code === 'CANCELLED' ||
  (code === 'SERVER_UNAVAILABLE' && details['status'] === undefined);

const byStart = (containers: readonly ContainerInspect[]): ContainerInspect[] =>
  [...containers].sort((a, b) => (a.State.StartedAt ?? '').localeCompare(b.State.StartedAt ?? ''));

/** Containers that an earlier, cut off attempt has made: new id → recorded id. */
async function alreadyRestored(
  engine: Engine,
  before: readonly ContainerInspect[],
  now: readonly { id: string; name: string }[],
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const old of before) {
    const twin = now.find(({ id, name }) => name === nameOf(old) && id !== old.Id);
    const container = twin && (await inspectContainer(engine, twin.id, signal));
    if (container && container.Image === old.Image && sameSettings(container, old))
      found.set(container.Id, old.Id);
  }
  return found;
}

const sameSettings = (one: ContainerInspect, other: ContainerInspect): boolean => {
  const facts = ({ Config }: ContainerInspect): string =>
    JSON.stringify([Config.Env, Config.Cmd, Object.entries(Config.Labels ?? {}).sort()]);
  return facts(one) === facts(other);
};

async function restore(
  engine: Engine,
  container: ContainerInspect,
  ids: ReadonlyMap<string, string>,
  signal?: AbortSignal,
): Promise<{ id: string; changed: boolean }> {
  const name = nameOf(container);
  const present = await inspectContainer(engine, ids.get(container.Id) ?? container.Id, signal);
  const id = present?.Id ?? (await makeAnew(engine, container, ids, signal));
  const renamed = present !== undefined && nameOf(present) !== name;
  if (renamed) await renameContainer(engine, id, name, signal);
  const started = container.State.Running && present?.State.Running !== true;
  if (started) await startContainer(engine, id, signal);
  return { id, changed: renamed || started || present?.Id !== container.Id };
}

/** The tag of its image stands for the old image again, so that the container names it as before. */
async function makeAnew(
  engine: Engine,
  container: ContainerInspect,
  ids: ReadonlyMap<string, string>,
  signal?: AbortSignal,
): Promise<string> {
  const image = await pointTag(engine, container.Config.Image, container.Image, signal);
  return createContainer(engine, creation(container, image, ids), signal);
}

/** What shares the network of a container follows it to its new id. */
function creation(container: ContainerInspect, image: string, ids: ReadonlyMap<string, string>): Creation {
  const made = createFrom(container, { image });
  const mode = container.HostConfig.NetworkMode ?? '';
  const partner = mode.startsWith('container:') ? ids.get(mode.slice('container:'.length)) : undefined;
  if (partner === undefined) return made;
  const HostConfig = { ...(made.body['HostConfig'] as object), NetworkMode: `container:${partner}` };
  return { ...made, body: { ...made.body, HostConfig } };
}
