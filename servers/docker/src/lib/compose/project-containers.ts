import { type ContainerSummary, listContainers, summaryName } from '../containers/summary.ts';
import type { Engine } from '../engine/index.ts';
import type { ProjectContainer } from './drift.ts';
import { LABEL } from './labels.ts';

/** Containers that compose made, of one project or of all; one-off containers (`compose run`) are left out. */
export async function composeContainers(
  engine: Engine,
  project: string | undefined,
  signal?: AbortSignal,
): Promise<ContainerSummary[]> {
  const label = project === undefined ? LABEL.project : `${LABEL.project}=${project}`;
  const found = await listContainers(engine, { filters: { label: [label] }, signal });
  return found.filter(({ Labels }) => Labels?.[LABEL.oneOff]?.toLowerCase() !== 'true');
}

export function projectContainer(summary: ContainerSummary): ProjectContainer {
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
