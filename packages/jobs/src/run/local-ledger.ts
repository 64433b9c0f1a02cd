import type { Cipher, Principal } from '@flotilla/core';
import type { Sql, StateStore } from '@flotilla/store';
import { outcomeOf, type StepRow, stepsOf } from '../steps/step-rows.ts';
import { openArgs } from '../store/stored-args.ts';
import { applyOps } from './apply-ops.ts';
import { type ClaimedRun, type ClaimKey, Fenced, type OpBatch, type RunLedger } from './ledger.ts';
import { claimRun, findRun, holdsFence, type RunRow } from './run-rows.ts';

/** The ledger in the state file of this process. */
export class LocalLedger implements RunLedger {
  readonly #store: StateStore;
  readonly #cipher: Cipher;
  readonly #now: () => number;

  constructor(parts: { store: StateStore; cipher: Cipher; now: () => number }) {
    this.#store = parts.store;
    this.#cipher = parts.cipher;
    this.#now = parts.now;
  }

  async claim(
    key: ClaimKey,
    holds: (lane: string, tool: string) => boolean,
  ): Promise<ClaimedRun | 'elsewhere' | 'refused'> {
    const found = this.#store.read((sql) => findRun(sql, key.runId));
    if (!found) return 'refused';
    if (!holds(found.lane, found.tool)) return 'elsewhere';
    const won = await this.#store.write(
      (sql) => (this.#claim(sql, key) ? claimedRows(sql, key.runId) : undefined),
      { durable: false },
    );
    return won ? this.#toRun(won) : 'refused';
  }

  take(key: ClaimKey): Promise<boolean> {
    return this.#store.write((sql) => this.#claim(sql, key), { durable: false });
  }

  write(runId: string, fence: number, batch: OpBatch, options: { durable: boolean }): Promise<boolean> {
    return this.#store.write((sql) => {
      if (!holdsFence(sql, runId, fence)) throw new Fenced();
      const ops = batch.take();
      try {
        return applyOps(sql, runId, ops);
      } catch (error) {
        // Its savepoint is undone: the next write of this transaction carries them again.
        batch.undone();
        throw error;
      }
    }, options);
  }

  outcome(runId: string, key: string, alias: string): string | undefined {
    return this.#store.read((sql) => outcomeOf(sql, { run: runId, key, alias }));
  }

  #claim(sql: Sql, { runId, epoch, fence }: ClaimKey): boolean {
    return claimRun(sql, runId, epoch, fence, this.#now());
  }

  #toRun({ row, steps }: { row: RunRow; steps: StepRow[] }): ClaimedRun {
    return {
      lane: row.lane,
      tool: row.tool,
      args: openArgs(row.args, this.#cipher),
      principal: JSON.parse(row.caller) as Principal,
      aliases: JSON.parse(row.aliases) as string[],
      startedAt: row.started_at ?? this.#now(),
      cancelled: row.cancel !== null,
      steps,
    };
  }
}

function claimedRows(sql: Sql, runId: string): { row: RunRow; steps: StepRow[] } | undefined {
  const row = findRun(sql, runId);
  return row && { row, steps: stepsOf(sql, runId) };
}
