import { setTimeout as pause } from 'node:timers/promises';
import type { StepContext } from '@flotilla/core';
import type { ContainerInspect } from '../update/inspected.ts';
import type { GateReport } from './change-report.ts';
import { type Baseline, judgeHealth, overall } from './judge-health.ts';

const LOOK_MS = 500;

export interface GateInput {
  timeoutMs: number;
  /** The containers that have to become ready, looked up anew each time. */
  look(signal: AbortSignal): Promise<ContainerInspect[]>;
}

/** Looks until every container is ready, one has failed, or the time is over. */
export async function healthGate(
  { timeoutMs, look }: GateInput,
  { signal, progress }: Pick<StepContext, 'signal' | 'progress'>,
): Promise<GateReport> {
  const started = performance.now();
  const baselines = new Map<string, { restarts: number; since: number }>();
  for (;;) {
    const containers = await look(signal);
    const now = performance.now();
    const judged = containers.map((container) => judgeHealth(container, baseline(baselines, container, now)));
    const verdict = judged.length === 0 ? 'failed' : overall(judged);
    const waitedMs = Math.round(now - started);
    if (verdict !== 'waiting' || waitedMs >= timeoutMs) return { verdict, waitedMs, containers: judged };
    const ready = judged.filter((one) => one.verdict === 'ready').length;
    progress({
      progress: ready,
      total: judged.length,
      message: `${ready} of ${judged.length} containers ready`,
    });
    await pause(LOOK_MS, undefined, { signal });
  }
}

function baseline(
  known: Map<string, { restarts: number; since: number }>,
  { Id, RestartCount, State }: ContainerInspect,
  now: number,
): Baseline {
  const entry = known.get(Id) ?? { restarts: RestartCount, since: Number.NaN };
  if (Number.isNaN(entry.since) && State.Running) entry.since = now;
  known.set(Id, entry);
  return { restarts: entry.restarts, runningMs: Number.isNaN(entry.since) ? 0 : now - entry.since };
}
