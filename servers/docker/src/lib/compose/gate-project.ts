import type { JobContext, StepContext } from '@flotilla/core';
import { type Engine, withEngine } from '../engine/index.ts';
import type { GateReport } from '../plan/change-report.ts';
import { healthGate } from '../plan/health-gate.ts';
import { inspectContainer } from '../update/containers.ts';
import type { ContainerInspect } from '../update/inspected.ts';
import { LABEL } from './labels.ts';
import { composeContainers } from './project-containers.ts';

export interface GatedProject {
  alias: string;
  project: string;
  timeoutMs: number;
}

export const serviceOf = ({ Config }: ContainerInspect): string => Config.Labels?.[LABEL.service] ?? '';

export async function inspectProject(
  engine: Engine,
  project: string,
  signal: AbortSignal,
): Promise<ContainerInspect[]> {
  const found = await composeContainers(engine, project, signal);
  const all = await Promise.all(found.map(({ Id }) => inspectContainer(engine, Id, signal)));
  return all.filter((one) => one !== undefined);
}

/** Waits until the containers of these services are ready; to be used within a step. */
export function watchProject(
  job: Pick<JobContext, 'use'>,
  { alias, project, timeoutMs }: GatedProject,
  wanted: (service: string) => boolean,
  context: Pick<StepContext, 'signal' | 'progress'>,
): Promise<GateReport> {
  const look = (signal: AbortSignal): Promise<ContainerInspect[]> =>
    withEngine(job, alias, async (engine) =>
      (await inspectProject(engine, project, signal)).filter((one) => wanted(serviceOf(one))),
    );
  return healthGate({ timeoutMs, look }, context);
}

/** The same as a step of a run. */
export const gateProject = (
  job: JobContext,
  gated: GatedProject,
  services: readonly string[] | undefined,
): Promise<GateReport> =>
  job.step.repeatable(
    'gate',
    (context) => watchProject(job, gated, (service) => services?.includes(service) ?? true, context),
    { alias: gated.alias },
  );
