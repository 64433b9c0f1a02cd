import { isFlotillaError, type ToolContext } from '@flotilla/core';
import { z } from 'zod';
import type { Engine } from '../engine/index.ts';
import { ContainerInspect, ImageConfig } from '../update/inspected.ts';
import { driftOf, type ServiceDrift } from './drift.ts';
import type { DryRunAction } from './dry-run.ts';
import { explainChange, type RunningConfig } from './explain-change.ts';
import { type ComposeModel, isLinked } from './model.ts';
import { composeContainers, projectContainer } from './project-containers.ts';
import type { ReadModel } from './read-model.ts';

/** Changed services whose containers are looked at more closely. */
const MAX_EXPLAINED = 20;

export interface Drift {
  rows: ServiceDrift[];
  /** Containers of the project, running or not. */
  containers: ReturnType<typeof projectContainer>[];
}

/** The files against what runs, with the reasons. `dryRun` is asked only when a hash alone says nothing. */
export async function readDrift(
  context: Pick<ToolContext, 'signal'>,
  engine: Engine,
  read: Pick<ReadModel, 'model' | 'hashes'>,
  dryRun: () => Promise<readonly DryRunAction[]>,
): Promise<Drift> {
  const { model, hashes } = read;
  const containers = (await composeContainers(engine, model.name, context.signal)).map(projectContainer);
  const imageIds = new Map<string, string>();
  await Promise.all(
    Object.entries(model.services).map(async ([service, { image }]) => {
      const id = await imageId(engine, image ?? `${model.name}-${service}`, context.signal);
      if (id !== undefined) imageIds.set(service, id);
    }),
  );
  const changed = containers
    .filter(({ service, configHash }) => hashes.has(service) && hashes.get(service) !== configHash)
    .slice(0, MAX_EXPLAINED);
  const unclear = changed.some(({ service }) => isLinked(model.services[service] ?? {}));
  const recreated = unclear ? namesOf(await dryRun()) : new Set<string>();
  const reasons = new Map<string, string[]>();
  for (const { id, service } of changed)
    if (!reasons.has(service))
      reasons.set(service, await reasonsOf(engine, model, service, id, context.signal));
  const explain = (service: string): string[] => reasons.get(service) ?? [];
  return { rows: driftOf({ model, hashes, containers, imageIds, recreated, explain }), containers };
}

const namesOf = (actions: readonly DryRunAction[]): Set<string> =>
  new Set(actions.filter(({ action }) => action === 'recreate').map(({ name }) => name));

const Image = z.object({ Id: z.string(), Config: ImageConfig.nullish() });

const ignoreMissing = (error: unknown): undefined => {
  if (isFlotillaError(error) && (error.code === 'NOT_FOUND' || error.code === 'INVALID_INPUT'))
    return undefined;
  throw error;
};

const imageId = async (engine: Engine, reference: string, signal: AbortSignal): Promise<string | undefined> =>
  (await inspectImage(engine, reference, signal))?.Id;

/** Undefined when the host does not have the image. */
export const inspectImage = (engine: Engine, reference: string, signal?: AbortSignal) =>
  engine.json(Image, `/images/${encodeURIComponent(reference)}/json`, { signal }).catch(ignoreMissing);

async function reasonsOf(
  engine: Engine,
  model: ComposeModel,
  service: string,
  id: string,
  signal: AbortSignal,
): Promise<string[]> {
  const container = await engine
    .json(ContainerInspect, `/containers/${id}/json`, { signal })
    .catch(ignoreMissing);
  const wanted = model.services[service];
  if (!container || !wanted) return [];
  const image = await inspectImage(engine, container.Image, signal);
  return explainChange(wanted, runningConfig(container, image?.Config ?? {}));
}

const Bindings = z.record(
  z.string(),
  z.array(z.object({ HostIp: z.string().default(''), HostPort: z.string().default('') })).nullable(),
);

function runningConfig(container: ContainerInspect, defaults: ImageConfig): RunningConfig {
  const bindings = Bindings.safeParse(container.HostConfig['PortBindings'] ?? {}).data ?? {};
  const inherited = new Set(defaults.Env ?? []);
  return {
    image: container.Config.Image,
    command: container.Config.Cmd ?? [],
    env: (container.Config.Env ?? []).filter((entry) => !inherited.has(entry)),
    ports: Object.entries(bindings).flatMap(([target, hosts]) =>
      (hosts ?? []).map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}->${target}`),
    ),
    mounts: (container.Mounts ?? []).map(({ Destination }) => Destination),
    restart: container.HostConfig.RestartPolicy?.Name ?? '',
  };
}
