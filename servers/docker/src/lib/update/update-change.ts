import type { JobContext } from '@flotilla/core';
import { LABEL } from '../compose/labels.ts';
import { type Engine, withEngine } from '../engine/index.ts';
import type { Change } from '../plan/carry-out.ts';
import { healthGate } from '../plan/health-gate.ts';
import { localImage } from './check-image.ts';
import { inspectContainer, removeContainer } from './containers.ts';
import { pointTag } from './image-reference.ts';
import { type ContainerInspect, nameOf } from './inspected.ts';
import { replaceContainer } from './replace-container.ts';
import { restoreContainers } from './restore-containers.ts';
import { protectImage } from './rollback-image.ts';
import type { UpdatePlan } from './update-plan.ts';

interface Before {
  containers: ContainerInspect[];
  /** Tags that protect the old images. */
  protectedBy: string[];
}

export interface UpdateOptions {
  alias: string;
  gateMs: number;
  /** Id of the image that `plan.image` stands for now. */
  imageId: string;
}

/** New containers from another image as a change: the old ones are kept, stopped, until the gate has passed. */
export function updateChange(job: JobContext, plan: UpdatePlan, options: UpdateOptions): Change<Before> {
  const { alias, gateMs, imageId } = options;
  const on = <T>(work: (engine: Engine) => Promise<T>): Promise<T> => withEngine(job, alias, work);
  const suffix = job.runId.slice(-8).toLowerCase();
  const present = async (engine: Engine, names: readonly string[], signal: AbortSignal) => {
    const found = await Promise.all(names.map((name) => inspectContainer(engine, name, signal)));
    return found.filter((one) => one !== undefined);
  };

  return {
    alias,
    record: (signal) =>
      on(async (engine) => {
        const containers = await present(
          engine,
          plan.containers.map(({ id }) => id),
          signal,
        );
        const protectedBy: string[] = [];
        for (const container of containers)
          protectedBy.push(await protectImage(engine, nameOf(container), container.Image, signal));
        return { containers, protectedBy };
      }),
    async apply({ containers }) {
      if (containers.length < plan.containers.length) return { reason: 'a container of the plan is gone' };
      for (const [at, old] of containers.entries())
        await job.step.repeatable(
          `replace.${at}`,
          ({ signal }) =>
            on(async (engine) => {
              const labels: Record<string, string> =
                old.Config.Labels?.[LABEL.image] === undefined ? {} : { [LABEL.image]: imageId };
              const aside = `${nameOf(old)}.before-${suffix}`;
              const oldImage = await localImage(engine, old.Image, signal);
              await replaceContainer(engine, { old, aside, image: plan.image, oldImage, labels }, signal);
            }),
          { alias },
        );
      return undefined;
    },
    gate: ({ containers }, context) => {
      const running = containers.filter(({ State }) => State.Running).map(nameOf);
      if (running.length === 0) return Promise.resolve({ verdict: 'ready', waitedMs: 0, containers: [] });
      return healthGate(
        { timeoutMs: gateMs, look: (signal) => on((engine) => present(engine, running, signal)) },
        context,
      );
    },
    rollback: ({ containers }, signal) =>
      on(async (engine) => {
        for (const { Config, Image } of containers)
          if (Config.Image === plan.image) await pointTag(engine, plan.image, Image, signal);
        const now = await present(engine, containers.map(nameOf), signal);
        return restoreContainers(
          engine,
          containers,
          now.map((one) => ({ id: one.Id, name: nameOf(one) })),
          signal,
        );
      }),
    finish: ({ containers }, signal) =>
      on(async (engine) => {
        for (const { Id } of containers) await removeContainer(engine, Id, signal);
      }),
  };
}
