import { FlotillaError } from '@flotilla/core';
import { z } from 'zod';
import type { Engine } from '../engine/index.ts';
import { withNearest } from '../nearest-names.ts';

const texts = z.record(z.string(), z.string()).nullish();

/** `GET /libpod/pods/json`. */
export const PodSummary = z.looseObject({
  Id: z.string(),
  Name: z.string(),
  Status: z.string().nullish(),
  Created: z.string().nullish(),
  Labels: texts,
  Containers: z
    .array(
      z.looseObject({ Id: z.string().nullish(), Names: z.string().nullish(), Status: z.string().nullish() }),
    )
    .nullish(),
});
export type PodSummary = z.infer<typeof PodSummary>;

/** `GET /libpod/pods/{name}/json`. */
export const PodDetails = z.looseObject({
  Id: z.string(),
  Name: z.string(),
  State: z.string().nullish(),
  Created: z.string().nullish(),
  Hostname: z.string().nullish(),
  Labels: texts,
  SharedNamespaces: z.array(z.string()).nullish(),
  Containers: z
    .array(
      z.looseObject({ Id: z.string().nullish(), Name: z.string().nullish(), State: z.string().nullish() }),
    )
    .nullish(),
});
export type PodDetails = z.infer<typeof PodDetails>;

/** UNSUPPORTED on Docker, which has no pods. */
export function requirePods(engine: Engine): void {
  if (engine.kind === 'podman') return;
  throw new FlotillaError('UNSUPPORTED', `${engine.alias} runs Docker, which has no pods.`, {
    details: { alias: engine.alias },
    hint: 'Its groups of containers are compose projects: compose_list.',
  });
}

export const podPath = (pod: string, rest: string): string =>
  `/libpod/pods/${encodeURIComponent(pod)}${rest}`;

export function listPods(engine: Engine, signal?: AbortSignal): Promise<PodSummary[]> {
  requirePods(engine);
  return engine.json(z.array(PodSummary).max(5_000), '/libpod/pods/json', { signal });
}

/** NOT_FOUND with the nearest name. */
export function inspectPod(engine: Engine, pod: string, signal?: AbortSignal): Promise<PodDetails> {
  requirePods(engine);
  return withNearest(
    { alias: engine.alias, kind: 'pod', wanted: pod, lister: 'pod_list' },
    async () => (await listPods(engine)).map(({ Name }) => Name),
    () => engine.json(PodDetails, podPath(pod, '/json'), { signal }),
  );
}
