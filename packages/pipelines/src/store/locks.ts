import { setTimeout as delay } from 'node:timers/promises';
import {
  type CalledRun,
  type CallOptions,
  FlotillaError,
  isFlotillaError,
  isOpen,
  type SqlSession,
  type StateFile,
  type ToolCalls,
} from '@flotilla/core';
import { mayStillRunOn } from '../run/follow.ts';
import type { ChildRuns } from './child-runs.ts';

export interface LockRequest {
  run: string;
  /** Key of the step, or empty for the whole pipeline. */
  step: string;
  key: string;
}

export interface Holder {
  run: string;
  step: string;
}

/**
 * Locks between pipelines, first come first served. A lock is held by a run as long as that is open, its outcome is not
 * known, or a command of it may still run on a host: what else a run left behind when it ended counts for nothing.
 */
export interface Locks {
  /**
   * Resolves when the lock is held; a second request of the same step is the first one, and what the whole pipeline holds
   * its steps hold. Rejects when aborted, and with CONFLICT when the wait would never end.
   */
  acquire(request: LockRequest, caller: CallOptions, blocked: (by: Holder) => void): Promise<void>;
  release(request: LockRequest): Promise<void>;
  /** Everything that a run holds or waits for. */
  releaseAll(run: string): Promise<void>;
}

const LOOK_MS = 250;

export function locks(state: StateFile, calls: ToolCalls, children: Pick<ChildRuns, 'of'>): Locks {
  const release = ({ run, step, key }: LockRequest): Promise<void> =>
    state.write((sql) => {
      sql.run('DELETE FROM pipeline_lock WHERE run = ? AND step = ? AND key = ?', [run, step, key]);
    });
  const over = async (
    run: string,
    caller: CallOptions,
    is: (run: CalledRun) => boolean,
  ): Promise<boolean> => {
    try {
      return is(await calls.wait(run, 0, caller));
    } catch (error) {
      return isFlotillaError(error) && error.code === 'NOT_FOUND';
    }
  };
  const gone = async (run: string, caller: CallOptions): Promise<boolean> => {
    if (!(await over(run, caller, ({ state: now }) => !isOpen(now) && now !== 'interrupted'))) return false;
    for (const { runId } of children.of(run))
      if (!(await over(runId, caller, (child) => mayStillRunOn(child) === undefined))) return false;
    return true;
  };
  return {
    async acquire(request, caller, blocked) {
      const whole = { run: request.run, key: request.key };
      if (state.read((sql) => sql.get(PIPELINE_HOLDS, whole)) !== undefined && request.step !== '') return;
      await state.write((sql) => {
        sql.run(
          `INSERT INTO pipeline_lock (key, seq, run, step)
           SELECT :key, coalesce((SELECT max(seq) FROM pipeline_lock WHERE key = :key), 0) + 1, :run, :step
           WHERE NOT EXISTS (SELECT 1 FROM pipeline_lock WHERE key = :key AND run = :run AND step = :step)`,
          { ...request },
        );
      });
      for (;;) {
        const holder = state.read((sql) => front(sql, request));
        if (!holder) return;
        // Another step of the same run is ended by this run itself.
        if (holder.run !== request.run && (await gone(holder.run, caller))) {
          await state.write((sql) => {
            sql.run('DELETE FROM pipeline_lock WHERE run = ?', [holder.run]);
          });
          continue;
        }
        const circle = state.read((sql) => circleOf(sql, request));
        if (circle.toSorted().at(-1) === request.run) throw neverEnds(request, holder, circle);
        blocked(holder);
        await delay(LOOK_MS, undefined, { signal: caller.signal });
      }
    },
    release,
    releaseAll: (run) =>
      state.write((sql) => {
        sql.run('DELETE FROM pipeline_lock WHERE run = ?', [run]);
      }),
  };
}

const PIPELINE_HOLDS = "SELECT 1 FROM pipeline_lock WHERE key = :key AND run = :run AND step = ''";

/** Who is first in the queue of a lock, when it is not this request. */
const front = (sql: SqlSession, { run, step, key }: LockRequest): Holder | undefined =>
  sql.get<Holder>(
    `SELECT run, step FROM pipeline_lock WHERE key = :key AND seq < (
       SELECT seq FROM pipeline_lock WHERE key = :key AND run = :run AND step = :step) ORDER BY seq LIMIT 1`,
    { run, step, key },
  );

/**
 * Runs that wait for each other in a circle through this request; empty when there is none. A step that holds a lock waits
 * for no other one, so only the locks of whole pipelines, which are held until their last step has ended, can close it.
 */
function circleOf(sql: SqlSession, request: LockRequest): string[] {
  const seen = new Set<string>();
  const follow = (from: LockRequest, path: string[]): string[] => {
    const holder = front(sql, from);
    if (holder === undefined || holder.step !== '') return [];
    if (holder.run === request.run) return path;
    if (seen.has(holder.run)) return [];
    seen.add(holder.run);
    const requests = sql.all<LockRequest>('SELECT key, run, step FROM pipeline_lock WHERE run = ?', [
      holder.run,
    ]);
    for (const next of requests) {
      const circle = follow(next, [...path, holder.run]);
      if (circle.length > 0) return circle;
    }
    return [];
  };
  return follow(request, [request.run]);
}

const neverEnds = ({ key }: LockRequest, holder: Holder, circle: readonly string[]): FlotillaError =>
  new FlotillaError('CONFLICT', `Lock ${key} is held by ${holder.run}, which waits for a lock of this run.`, {
    details: { lock: key, holder: holder.run, circle },
    hint: 'Give both pipelines all of these locks in `locks`: they are taken in one order before the first step.',
  });
