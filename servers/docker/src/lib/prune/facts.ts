import { isFlotillaError, type ToolContext } from '@flotilla/core';
import { z } from 'zod';
import { LABEL } from '../compose/labels.ts';
import { configFiles } from '../compose/list-projects.ts';
import { filesOnDisk } from '../compose/on-disk.ts';
import type { Engine } from '../engine/index.ts';

const LabelMap = z.record(z.string(), z.string()).nullish();
const size = z.number().nullish();

const Container = z.object({
  Id: z.string(),
  Names: z.array(z.string()).nullish(),
  ImageID: z.string().default(''),
  State: z.string().default(''),
  Created: z.number().default(0),
  Labels: LabelMap,
  SizeRw: size,
  Mounts: z.array(z.object({ Type: z.string().nullish(), Name: z.string().nullish() })).nullish(),
  NetworkSettings: z
    .object({
      Networks: z.record(z.string(), z.object({ NetworkID: z.string().nullish() }).nullable()).nullish(),
    })
    .nullish(),
});
const Image = z.object({
  Id: z.string(),
  RepoTags: z.array(z.string()).nullish(),
  Created: z.number().default(0),
  Size: size,
  SharedSize: size,
  Labels: LabelMap,
});
const Volume = z.object({
  Name: z.string(),
  Labels: LabelMap,
  UsageData: z.object({ Size: size }).nullish(),
});
const CacheRecord = z.object({
  ID: z.string(),
  Type: z.string().default(''),
  InUse: z.boolean().default(false),
  Shared: z.boolean().default(false),
  Size: size,
  CreatedAt: z.string().nullish(),
  LastUsedAt: z.string().nullish(),
});
/** Only for sizes: what Podman says here of tags and labels is not the whole. */
const DiskUsage = z.object({
  Containers: z.array(z.object({ Id: z.string(), SizeRw: size })).nullish(),
  Images: z.array(z.object({ Id: z.string(), SharedSize: size })).nullish(),
  Volumes: z.array(Volume).nullish(),
  BuildCache: z.array(CacheRecord).nullish(),
});
const Network = z.object({
  Id: z.string(),
  Name: z.string(),
  Created: z.string().nullish(),
  Labels: LabelMap,
});
const Finished = z.object({ State: z.object({ FinishedAt: z.string().nullish() }) });

/** All that a prune plan is made of. Times are epoch milliseconds. */
export interface PruneFacts {
  containers: (z.infer<typeof Container> & { endedAt: number })[];
  images: z.infer<typeof Image>[];
  networks: z.infer<typeof Network>[];
  volumes: z.infer<typeof Volume>[];
  cache: z.infer<typeof CacheRecord>[];
  /** Compose projects whose files are there. */
  projectsOnDisk: ReadonlySet<string>;
}

const MAX_OBJECTS = 50_000;

/** Docker writes `sha256:` before the id of an image, Podman does so in some places only. */
export const plainId = (id: string): string => id.replace(/^sha256:/, '');

const STOPPED = ['exited', 'created', 'dead'];
export const isStopped = ({ State }: { State: string }): boolean => STOPPED.includes(State);

export async function readFacts(
  context: Pick<ToolContext, 'hosts' | 'signal'>,
  engine: Engine,
): Promise<PruneFacts> {
  const { signal } = context;
  const usage = await engine.json(DiskUsage, '/system/df', { timeoutMs: 180_000, signal });
  const networks = await engine.json(z.array(Network), '/networks', { signal });
  const query = { all: true };
  const listed = await engine.json(z.array(Container).max(MAX_OBJECTS), '/containers/json', {
    query,
    signal,
  });
  const images = await engine.json(z.array(Image).max(MAX_OBJECTS), '/images/json', { signal });
  const written = new Map(usage.Containers?.map(({ Id, SizeRw }) => [Id, SizeRw]));
  const shared = new Map(usage.Images?.map(({ Id, SharedSize }) => [plainId(Id), SharedSize]));
  const containers = await Promise.all(
    listed.map(async (container) => ({
      ...container,
      SizeRw: written.get(container.Id),
      endedAt: isStopped(container) ? await endOf(engine, container.Id, container.Created, signal) : 0,
    })),
  );
  return {
    containers,
    images: images.map((image) => ({ ...image, SharedSize: shared.get(plainId(image.Id)) })),
    networks,
    volumes: usage.Volumes ?? [],
    cache: usage.BuildCache ?? [],
    projectsOnDisk: await projectsOnDisk(context, engine.alias, listed),
  };
}

/** When a container ended; one that was never started: when it was made. */
async function endOf(engine: Engine, id: string, created: number, signal: AbortSignal): Promise<number> {
  try {
    const { State } = await engine.json(Finished, `/containers/${id}/json`, { signal });
    const ended = Date.parse(State.FinishedAt ?? '');
    return Number.isNaN(ended) || ended < 0 ? created * 1000 : ended;
  } catch (error) {
    if (isFlotillaError(error) && error.code === 'NOT_FOUND') return Date.now();
    throw error;
  }
}

async function projectsOnDisk(
  context: Pick<ToolContext, 'hosts' | 'signal'>,
  alias: string,
  containers: readonly { Labels?: Record<string, string> | null | undefined }[],
): Promise<Set<string>> {
  const present = await filesOnDisk(
    context,
    alias,
    containers.flatMap(({ Labels }) => configFiles(Labels ?? {})),
  );
  const found = containers.filter(({ Labels }) =>
    configFiles(Labels ?? {}).some((file) => present.has(file)),
  );
  return new Set(found.map(({ Labels }) => Labels?.[LABEL.project] ?? ''));
}
