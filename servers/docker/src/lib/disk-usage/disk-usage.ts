import { z } from 'zod';
import { bounded } from '../bounded.ts';
import type { Engine } from '../engine/index.ts';

const size = bounded.nullish();
const Df = z.looseObject({
  LayersSize: size,
  Images: z
    .array(z.looseObject({ Id: z.string().nullish(), Size: size, SharedSize: size, Containers: size }))
    .nullish(),
  Containers: z
    .array(
      z.looseObject({
        Id: z.string().nullish(),
        Names: z.array(z.string()).nullish(),
        SizeRw: size,
        State: z.string().nullish(),
      }),
    )
    .nullish(),
  Volumes: z
    .array(
      z.looseObject({ Name: z.string(), UsageData: z.looseObject({ Size: size, RefCount: size }).nullish() }),
    )
    .nullish(),
  BuildCache: z
    .array(z.looseObject({ Size: size, InUse: z.boolean().nullish(), Shared: z.boolean().nullish() }))
    .nullish(),
});

export const UsageKind = z.object({
  kind: z.enum(['images', 'containers', 'volumes', 'build cache']),
  count: z.number().int(),
  bytes: z.number(),
  reclaimableBytes: z.number().describe('Of what nothing uses; see docker_prune'),
});
export type UsageKind = z.infer<typeof UsageKind>;

export interface DiskUsage {
  kinds: UsageKind[];
  /** The largest first; those of an unknown size are left out. */
  volumes: { name: string; bytes: number; used: boolean }[];
}

/** What the engine's objects take on the host's disk (`GET /system/df`, as `docker system df` reckons). */
export async function diskUsage(engine: Engine, signal?: AbortSignal): Promise<DiskUsage> {
  return reckon(await engine.json(Df, '/system/df', { signal, timeoutMs: 120_000 }));
}

const positive = (value: number | null | undefined): number => Math.max(0, value ?? 0);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export function reckon(df: z.infer<typeof Df>): DiskUsage {
  const images = df.Images ?? [];
  const containers = df.Containers ?? [];
  const volumes = df.Volumes ?? [];
  const cache = df.BuildCache ?? [];
  const usedImages = sum(
    images
      .filter(({ Containers }) => positive(Containers) > 0)
      .map((image) => positive(image.Size) - positive(image.SharedSize)),
  );
  const imageBytes = positive(df.LayersSize) || sum(images.map(({ Size }) => positive(Size)));
  const unused = volumes.filter(({ UsageData }) => UsageData?.RefCount === 0);
  const idle = containers.filter(({ State }) => State !== 'running' && State !== 'paused');
  const entry = (
    kind: UsageKind['kind'],
    count: number,
    bytes: number,
    reclaimableBytes: number,
  ): UsageKind => ({ kind, count, bytes, reclaimableBytes });
  const volumeBytes = (list: typeof volumes): number =>
    sum(list.map(({ UsageData }) => positive(UsageData?.Size)));
  return {
    kinds: [
      entry('images', images.length, imageBytes, Math.max(0, imageBytes - usedImages)),
      entry(
        'containers',
        containers.length,
        sum(containers.map(({ SizeRw }) => positive(SizeRw))),
        sum(idle.map(({ SizeRw }) => positive(SizeRw))),
      ),
      entry('volumes', volumes.length, volumeBytes(volumes), volumeBytes(unused)),
      entry(
        'build cache',
        cache.length,
        sum(cache.map(({ Size }) => positive(Size))),
        sum(cache.filter(({ InUse, Shared }) => !InUse && !Shared).map(({ Size }) => positive(Size))),
      ),
    ],
    volumes: volumes
      .flatMap(({ Name, UsageData }) =>
        (UsageData?.Size ?? -1) < 0
          ? []
          : [{ name: Name, bytes: positive(UsageData?.Size), used: positive(UsageData?.RefCount) > 0 }],
      )
      .toSorted((a, b) => b.bytes - a.bytes),
  };
}
