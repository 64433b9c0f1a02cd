import { z } from 'zod';
import { type ContainerSummary, summaryName } from '../containers/summary.ts';
import type { Engine } from '../engine/index.ts';
import { withNearest } from '../nearest-names.ts';

/** `GET /volumes` and `GET /volumes/{name}`. */
export const EngineVolume = z.looseObject({
  Name: z.string(),
  Driver: z.string().nullish(),
  Mountpoint: z.string().nullish(),
  CreatedAt: z.string().nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
  Options: z.record(z.string(), z.string()).nullish(),
});
export type EngineVolume = z.infer<typeof EngineVolume>;

const Volumes = z.looseObject({ Volumes: z.array(EngineVolume).max(20_000).nullish() });

export const volumePath = (name: string): string => `/volumes/${encodeURIComponent(name)}`;

export const listVolumes = async (engine: Engine, signal?: AbortSignal): Promise<EngineVolume[]> =>
  (await engine.json(Volumes, '/volumes', { signal })).Volumes ?? [];

/** NOT_FOUND with the nearest name. */
export const inspectVolume = (engine: Engine, name: string, signal?: AbortSignal): Promise<EngineVolume> =>
  withNearest(
    { alias: engine.alias, kind: 'volume', wanted: name, lister: 'volume_list' },
    async () => (await listVolumes(engine)).map(({ Name }) => Name),
    () => engine.json(EngineVolume, volumePath(name), { signal }),
  );

/** Volume → names of the containers that mount it, stopped ones too. */
export function volumeUsers(containers: readonly ContainerSummary[]): Map<string, string[]> {
  const users = new Map<string, string[]>();
  for (const container of containers)
    for (const { Type, Name } of container.Mounts ?? [])
      if (Type === 'volume' && Name) users.set(Name, [...(users.get(Name) ?? []), summaryName(container)]);
  return users;
}
