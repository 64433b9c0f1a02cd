import { z } from 'zod';
import type { Engine } from '../engine/index.ts';
import { withNearest } from '../nearest-names.ts';

/** `GET /networks` and `GET /networks/{id}`. */
export const EngineNetwork = z.looseObject({
  Name: z.string(),
  Id: z.string(),
  Driver: z.string().nullish(),
  Scope: z.string().nullish(),
  Internal: z.boolean().nullish(),
  IPAM: z
    .looseObject({
      Config: z
        .array(z.looseObject({ Subnet: z.string().nullish(), Gateway: z.string().nullish() }))
        .nullish(),
    })
    .nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
  Options: z.record(z.string(), z.string()).nullish(),
  Containers: z
    .record(z.string(), z.looseObject({ Name: z.string().nullish(), IPv4Address: z.string().nullish() }))
    .nullish(),
});
export type EngineNetwork = z.infer<typeof EngineNetwork>;

/** Networks that every engine has and that cannot be removed. */
export const BUILT_IN_NETWORKS: ReadonlySet<string> = new Set(['bridge', 'host', 'none', 'podman']);

export const networkPath = (name: string): string => `/networks/${encodeURIComponent(name)}`;

export const listNetworks = (engine: Engine, signal?: AbortSignal): Promise<EngineNetwork[]> =>
  engine.json(z.array(EngineNetwork).max(10_000), '/networks', { signal });

/** NOT_FOUND with the nearest name. */
export const inspectNetwork = (engine: Engine, name: string, signal?: AbortSignal): Promise<EngineNetwork> =>
  withNearest(
    { alias: engine.alias, kind: 'network', wanted: name, lister: 'network_list' },
    async () => (await listNetworks(engine)).map(({ Name }) => Name),
    () => engine.json(EngineNetwork, networkPath(name), { signal }),
  );

export const subnetsOf = ({ IPAM }: EngineNetwork): string[] =>
  (IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []);
