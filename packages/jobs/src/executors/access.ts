import type { EngineParts } from '../engine-parts.ts';
import { type ClaimedRun, type ClaimKey, Fenced, type LedgerOp } from '../run/ledger.ts';
import { findRun } from '../run/run-rows.ts';
import { maskOps } from './mask-ops.ts';
import { OutputDesk, type OutputPiece, type PieceTaken } from './output-desk.ts';

/** What an open run is about, for who asks whether its executor may have something. */
export interface HeldRun {
  lane: string;
  tool: string;
  aliases: readonly string[];
}

/** The books of this data folder, for executors in other processes that cannot open it. All of it checks the fence. */
export interface ExecutorAccess {
  /** `holds`: may this executor have it? `elsewhere` when not. */
  claim(
    key: ClaimKey,
    holds: (lane: string, tool: string) => boolean,
  ): Promise<ClaimedRun | 'elsewhere' | 'refused'>;
  /** Throws Fenced. Text is masked again with the secrets that this process knows. */
  write(
    runId: string,
    fence: number,
    ops: readonly LedgerOp[],
    options: { durable: boolean },
  ): Promise<{ cancelled: boolean }>;
  /** Throws Fenced, STORAGE_FULL. */
  output(runId: string, fence: number, piece: OutputPiece): PieceTaken;
  /** Throws Fenced. */
  held(runId: string, fence: number): HeldRun;
}

export interface OwnExecutorAccess extends ExecutorAccess {
  flush(runId: string): void;
  close(): void;
}

export function executorAccess(
  parts: EngineParts,
  onEnded: (runId: string, freed: boolean) => void,
): OwnExecutorAccess {
  const { store, ledger, outputDir, redactor, limits } = parts;
  const desk = new OutputDesk({ outputDir, redactor, capturedBytes: limits.capturedBytes });
  const heldRow = (runId: string, fence: number) => {
    const row = store.read((sql) => findRun(sql, runId));
    if (row?.open !== 1 || row.fence !== fence) throw new Fenced();
    return row;
  };
  return {
    async claim(key, holds) {
      const claimed = await ledger.claim(key, holds);
      if (typeof claimed !== 'string') parts.changes.emit(key.runId);
      return claimed;
    },
    async write(runId, fence, ops, options) {
      const masked = redactor ? maskOps(ops, redactor) : ops;
      const batch = { take: () => masked, undone: () => undefined };
      const freed = await ledger.write(runId, fence, batch, options);
      const ended = ops.some((op) => op.op === 'end');
      if (ended) {
        desk.close(runId);
        onEnded(runId, freed);
      }
      parts.changes.emit(runId);
      return { cancelled: !ended && store.read((sql) => findRun(sql, runId))?.cancel != null };
    },
    output(runId, fence, piece) {
      heldRow(runId, fence);
      return desk.take(runId, piece);
    },
    held(runId, fence) {
      const row = heldRow(runId, fence);
      return { lane: row.lane, tool: row.tool, aliases: JSON.parse(row.aliases) as string[] };
    },
    flush(runId) {
      try {
        desk.flush(runId);
      } catch {
        // A full disk: its executor sends it again.
      }
    },
    close: () => desk.closeAll(),
  };
}
