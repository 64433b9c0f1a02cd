import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@flotilla/testkit';
import { root } from '../rules/sources.ts';
import type { TestClient } from './hub.ts';

export interface Firing {
  state: string;
  runId?: string;
  code?: string;
  reason?: string;
  output?: string;
}

interface Listed {
  firings: Firing[];
  firer: { active: boolean; pid?: number };
}

/** Environment of a hub that gets a signal at a moment of its work: see at-moment.mjs. */
export const atMoment = (
  moment: string,
  when: 'before' | 'committed' = 'before',
  signal = 'SIGKILL',
): Record<string, string> => ({
  NODE_OPTIONS: `--import=${join(root, 'test', 'support', 'at-moment.mjs')}`,
  MOMENT: moment,
  MOMENT_WHEN: when,
  MOMENT_SIGNAL: signal,
});

export const soon = (ms: number): string => new Date(Date.now() + ms).toISOString();

export const lines = (file: string): number =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;

export const firingsOf = async (hub: Pick<TestClient, 'ok'>, name: string): Promise<Firing[]> =>
  (await hub.ok<Listed>('schedule_list', { name })).firings;

/** Waits until the only firing of a schedule is in one of these states. */
export async function firingOf(
  hub: Pick<TestClient, 'ok'>,
  name: string,
  ...states: string[]
): Promise<Firing> {
  let last: Firing[] = [];
  return waitFor(
    async () => {
      last = await firingsOf(hub, name);
      return last.length === 1 && states.includes(last[0]?.state ?? '') ? last[0] : undefined;
    },
    { timeoutMs: 60_000, intervalMs: 50, what: `${name} ${states.join(' or ')}` },
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${JSON.stringify(last)}`);
  });
}

/** The process that fires, as soon as there is one that `fits`: of one that was killed others hear after a while. */
export const firerPid = (
  hub: Pick<TestClient, 'ok'>,
  fits = (_pid: number): boolean => true,
): Promise<number> =>
  waitFor(
    async () => {
      const { pid = 0 } = (await hub.ok<Listed>('schedule_list')).firer;
      return pid !== 0 && fits(pid) ? pid : undefined;
    },
    { timeoutMs: 60_000, intervalMs: 100, what: 'a process that fires' },
  );
