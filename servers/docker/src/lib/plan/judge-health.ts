import { visibleControls } from '@flotilla/core';
import type { ContainerInspect } from '../update/inspected.ts';
import { nameOf } from '../update/inspected.ts';

export type Verdict = 'ready' | 'waiting' | 'failed';

export interface Judged {
  container: string;
  verdict: Verdict;
  /** In our own words. */
  reason: string;
  /** Last output of its health check; text of the container. */
  remote?: string;
}

/** What was known of a container when the gate began to look. */
export interface Baseline {
  restarts: number;
  /** Milliseconds since it was first seen running. */
  runningMs: number;
}

/** Without a health check, a container that has run this long without a restart counts as started. */
export const SETTLE_MS = 3_000;

/**
 * Ready: healthy, or without a health check up for SETTLE_MS without a restart, or ended with 0 where nothing restarts
 * it (a one-off job). Failed: unhealthy, ended with another code, killed for memory, restarted.
 */
export function judgeHealth(container: ContainerInspect, baseline: Baseline): Judged {
  const { State, HostConfig } = container;
  const name = nameOf(container);
  const said = (verdict: Verdict, reason: string): Judged => ({ container: name, verdict, reason });
  const policy = HostConfig.RestartPolicy?.Name ?? '';
  const restarts = policy === 'always' || policy === 'unless-stopped';
  if (State.OOMKilled) return said('failed', 'killed because its memory limit was reached');
  if (container.RestartCount > baseline.restarts || State.Restarting)
    return said('failed', `restarts again and again, last exit code ${State.ExitCode}`);
  if (State.Status === 'created') return said('waiting', 'not started yet');
  if (!State.Running) {
    if (State.ExitCode === 0 && !restarts) return said('ready', 'ended with exit code 0');
    return said('failed', `ended with exit code ${State.ExitCode}`);
  }
  const health = State.Health;
  if (health && health.Status !== '' && health.Status !== 'none') {
    if (health.Status === 'healthy') return said('ready', 'healthy');
    const output = health.Log?.at(-1)?.Output?.slice(-1_000) ?? '';
    const last = { ...(output.trim() !== '' && { remote: visibleControls(output) }) };
    if (health.Status === 'unhealthy') return { ...said('failed', 'its health check fails'), ...last };
    return { ...said('waiting', 'its health check has not passed yet'), ...last };
  }
  if (baseline.runningMs >= SETTLE_MS) return said('ready', 'runs');
  return said('waiting', 'runs, not long enough yet');
}

/** All of them: failed as soon as one failed, ready when all are. */
export function overall(judged: readonly Judged[]): Verdict {
  if (judged.some(({ verdict }) => verdict === 'failed')) return 'failed';
  return judged.every(({ verdict }) => verdict === 'ready') ? 'ready' : 'waiting';
}
