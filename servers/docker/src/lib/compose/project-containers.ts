import { z } from 'zod';
import type { Engine } from '../engine/index.ts';
import type { ProjectContainer } from './drift.ts';
import { LABEL } from './labels.ts';

const MAX_CONTAINERS = 20_000;

const Summary = z.object({
  Id: z.string(),
  Names: z.array(z.string()).nullish(),
  Image: z.string().default(''),
  ImageID: z.string().default(''),
  Labels: z.record(z.string(), z.string()).nullish(),
  State: z.string().default(''),
  Status: z.string().default(''),
});
export type Summary = z.infer<typeof Summary>;

export const summaryName = ({ Id, Names }: Summary): string =>
  (Names?.[0] ?? Id.slice(0, 12)).replace(/^\//, '');

/** Containers that compose made, of one project or of all; one-off containers (`compose run`) are left out. */
export async function composeContainers(
  engine: Engine,
  project: string | undefined,
  signal?: AbortSignal,
): Promise<Summary[]> {
  const label = project === undefined ? LABEL.project : `${LABEL.project}=${project}`;
  const found = await engine.json(z.array(Summary).max(MAX_CONTAINERS), '/containers/json', {
    query: { all: true, filters: { label: [label] } },
    signal,
  });
  return found.filter(({ Labels }) => Labels?.[LABEL.oneOff]?.toLowerCase() !== 'true');
}

export function projectContainer(summary: Summary): ProjectContainer {
  const labels = summary.Labels ?? {};
  return {
    id: summary.Id,
    name: summaryName(summary),
    service: labels[LABEL.service] ?? '',
    imageId: summary.ImageID,
    image: summary.Image,
    configHash: labels[LABEL.hash] ?? '',
    running: summary.State === 'running',
    state: summary.State,
  };
}
