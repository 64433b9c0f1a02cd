import { setTimeout as delay } from 'node:timers/promises';
import { type CallOptions, isFlotillaError, isOpen, type StateFile, type ToolCalls } from '@flotilla/core';

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
 * Locks between pipelines, first come first served. A lock is held by a run as long as that is open or its outcome is not
 * known: what a run left behind when it ended counts for nothing.
 */
export interface Locks {
  /** Resolves when the lock is held; a second request of the same step is the first one. Rejects when aborted. */
  acquire(request: LockRequest, caller: CallOptions, blocked: (by: Holder) => void): Promise<void>;
  release(request: LockRequest): Promise<void>;
  /** Everything that a run holds or waits for. */
  releaseAll(run: string): Promise<void>;
}

const LOOK_MS = 250;

export function locks(state: StateFile, calls: ToolCalls): Locks {
  const front = (request: LockRequest): Holder | undefined =>
    state.read((sql) =>
      sql.get<Holder>(
        `SELECT run, step FROM pipeline_lock WHERE key = :key AND seq < (
           SELECT seq FROM pipeline_lock WHERE key = :key AND run = :run AND step = :step) ORDER BY seq LIMIT 1`,
        { ...request },
      ),
    );
  const release = ({ run, step, key }: LockRequest): Promise<void> =>
    state.write((sql) => {
      sql.run('DELETE FROM pipeline_lock WHERE run = ? AND step = ? AND key = ?', [run, step, key]);
    });
  const gone = async (run: string, caller: CallOptions): Promise<boolean> => {
    try {
      const { state: now } = await calls.wait(run, 0, caller);
      return !isOpen(now) && now !== 'interrupted';
    } catch (error) {
      return isFlotillaError(error) && error.code === 'NOT_FOUND';
    }
  };
  return {
    async acquire(request, caller, blocked) {
      await state.write((sql) => {
        sql.run(
          `INSERT INTO pipeline_lock (key, seq, run, step)
           SELECT :key, coalesce((SELECT max(seq) FROM pipeline_lock WHERE key = :key), 0) + 1, :run, :step
           WHERE NOT EXISTS (SELECT 1 FROM pipeline_lock WHERE key = :key AND run = :run AND step = :step)`,
          { ...request },
        );
      });
      for (;;) {
        const holder = front(request);
        if (!holder) return;
        // Another step of the same run is ended by this run itself.
        if (holder.run !== request.run && (await gone(holder.run, caller))) {
          await state.write((sql) => {
            sql.run('DELETE FROM pipeline_lock WHERE run = ?', [holder.run]);
          });
          continue;
        }
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
