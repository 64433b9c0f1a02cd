import { type JobContext, visibleControls } from '@flotilla/core';
import { type Engine, withEngine } from '../engine/index.ts';
import type { Change, Problem } from '../plan/carry-out.ts';
import { healthGate } from '../plan/health-gate.ts';
import { inspectContainer } from '../update/containers.ts';
import type { ContainerInspect } from '../update/inspected.ts';
import { restoreContainers } from '../update/restore-containers.ts';
import { protectImage } from '../update/rollback-image.ts';
import { LABEL } from './labels.ts';
import { composeContainers, summaryName } from './project-containers.ts';
import { hideInText } from './secret-values.ts';
import type { Planned } from './up-plan.ts';

export interface UpOptions {
  alias: string;
  timeoutMs: number;
  gateMs: number;
}

interface Before {
  containers: ContainerInspect[];
}

/** `docker compose up` as a change: what ran is recorded with its images protected, and comes back when the gate fails. */
export function upChange(job: JobContext, { plan, command }: Planned, options: UpOptions): Change<Before> {
  const { alias, timeoutMs, gateMs } = options;
  const wanted = new Set(
    plan.services.filter(({ state }) => state !== 'orphan').map(({ service }) => service),
  );
  const on = <T>(work: (engine: Engine) => Promise<T>): Promise<T> => withEngine(job, alias, work);

  return {
    alias,
    record: (signal) =>
      on(async (engine) => {
        const containers = await inspectAll(engine, plan.project, signal);
        for (const container of containers)
          await protectImage(engine, `${plan.project}-${serviceOf(container)}`, container.Image, signal);
        return { containers };
      }),
    async apply() {
      const result = await job.step.command('up', alias, { command, timeoutMs });
      if (result.exitCode === 0) return undefined;
      const said = visibleControls(hideInText(result.stderr.text).slice(-2_000)).trim();
      const reason = result.timedOut
        ? `docker compose up took longer than ${timeoutMs / 1000} s`
        : `docker compose up failed with exit code ${result.exitCode ?? result.signal}`;
      return { reason, ...(said !== '' && { remote: said }) } satisfies Problem;
    },
    gate: (_, context) => {
      const look = (signal: AbortSignal): Promise<ContainerInspect[]> =>
        on(async (engine) =>
          (await inspectAll(engine, plan.project, signal)).filter((one) => wanted.has(serviceOf(one))),
        );
      return healthGate({ timeoutMs: gateMs, look }, context);
    },
    rollback: (before, signal) =>
      on(async (engine) => {
        const now = await composeContainers(engine, plan.project, signal);
        const present = now.map((one) => ({ id: one.Id, name: summaryName(one) }));
        return restoreContainers(engine, before.containers, present, signal);
      }),
  };
}

const serviceOf = ({ Config }: ContainerInspect): string => Config.Labels?.[LABEL.service] ?? '';

async function inspectAll(engine: Engine, project: string, signal: AbortSignal): Promise<ContainerInspect[]> {
  const found = await composeContainers(engine, project, signal);
  const all = await Promise.all(found.map(({ Id }) => inspectContainer(engine, Id, signal)));
  return all.filter((one) => one !== undefined);
}
