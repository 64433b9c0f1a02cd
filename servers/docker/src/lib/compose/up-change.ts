import type { JobContext } from '@flotilla/core';
import { summaryName } from '../containers/summary.ts';
import { type Engine, withEngine } from '../engine/index.ts';
import type { Change, Problem } from '../plan/carry-out.ts';
import type { ContainerInspect } from '../update/inspected.ts';
import { restoreContainers } from '../update/restore-containers.ts';
import { protectImage } from '../update/rollback-image.ts';
import { saidBy } from './command-problem.ts';
import { inspectProject, serviceOf, watchProject } from './gate-project.ts';
import { composeContainers } from './project-containers.ts';
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
        const containers = await inspectProject(engine, plan.project, signal);
        for (const container of containers)
          await protectImage(engine, `${plan.project}-${serviceOf(container)}`, container.Image, signal);
        return { containers };
      }),
    async apply() {
      const result = await job.step.command('up', alias, { command, timeoutMs });
      if (result.exitCode === 0) return undefined;
      const said = saidBy(result.stderr.text);
      const reason = result.timedOut
        ? `docker compose up took longer than ${timeoutMs / 1000} s`
        : `docker compose up failed with exit code ${result.exitCode ?? result.signal}`;
      return { reason, ...(said !== '' && { remote: said }) } satisfies Problem;
    },
    gate: (_, context) =>
      watchProject(
        job,
        { alias, project: plan.project, timeoutMs: gateMs },
        (service) => wanted.has(service),
        context,
      ),
    rollback: (before, signal) =>
      on(async (engine) => {
        const now = await composeContainers(engine, plan.project, signal);
        const present = now.map((one) => ({ id: one.Id, name: summaryName(one) }));
        return restoreContainers(engine, before.containers, present, signal);
      }),
  };
}
