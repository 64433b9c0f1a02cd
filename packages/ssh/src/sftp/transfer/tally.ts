import {
  FlotillaError,
  isFlotillaError,
  type TransferFault,
  type TransferOptions,
  type TransferPair,
  type TransferredPair,
  type TransferSummary,
} from '@flotilla/core';
import { pathText } from '../paths.ts';
import type { FileResult } from './resume.ts';

const MAX_FAULTS = 100;
const MAX_NOTES = 20;
const PROGRESS_MS = 100;

/** Counts what a transfer has done so far and tells who asked for progress, at most ten times a second. */
export class Tally {
  readonly pairs: TransferredPair[];
  private readonly started = performance.now();
  private readonly onProgress: TransferOptions['onProgress'];
  private readonly faults: TransferFault[] = [];
  private readonly notes = new Set<string>();
  private firstError: FlotillaError | undefined;
  private failed = 0;
  private verified = 0;
  private resumedBytes = 0;
  private totalBytes = 0;
  private totalFiles = 0;
  private movedBytes = 0;
  private movedFiles = 0;
  private lastTold = 0;

  constructor(pairs: readonly TransferPair[], onProgress: TransferOptions['onProgress']) {
    this.onProgress = onProgress;
    this.pairs = pairs.map(({ local, remote }) => ({
      local,
      remote,
      files: 0,
      unchanged: 0,
      folders: 0,
      symlinks: 0,
      bytes: 0,
    }));
  }

  expect(files: readonly { size: number }[]): void {
    this.totalFiles += files.length;
    for (const file of files) this.totalBytes += file.size;
  }

  /** Bytes that went over or were found there already. */
  moved(bytes: number, current: () => string): void {
    this.movedBytes += bytes;
    this.tell(current);
  }

  file(pair: TransferredPair, result: FileResult): void {
    pair.files++;
    pair.bytes += result.bytes;
    this.movedFiles++;
    this.resumedBytes += result.resumedBytes;
    if (result.verified) this.verified++;
  }

  /** A file that went over on its own: its sum is the pair's while it is the only one. */
  fileAlone(pair: TransferredPair, result: FileResult): void {
    this.file(pair, result);
    if (pair.files === 1 && result.sha256 !== undefined) pair.sha256 = result.sha256;
    else delete pair.sha256;
  }

  unchanged(pair: TransferredPair, size: number): void {
    pair.unchanged++;
    this.movedFiles++;
    this.movedBytes += size;
  }

  fault(path: Uint8Array | string, error: unknown): void {
    const known = isFlotillaError(error) ? error : unknown(error);
    this.firstError ??= known;
    this.failed++;
    const shown = typeof path === 'string' ? path : pathText(path);
    if (this.faults.length < MAX_FAULTS) {
      this.faults.push({ path: shown, code: known.code, message: known.message });
    }
  }

  note(text: string): void {
    if (this.notes.size < MAX_NOTES) this.notes.add(text);
  }

  /** Throws the first fault when nothing at all was transferred. */
  summary(): TransferSummary {
    const sum = (pick: (pair: TransferredPair) => number): number =>
      this.pairs.reduce((total, pair) => total + pick(pair), 0);
    const totals = {
      files: sum((pair) => pair.files),
      unchanged: sum((pair) => pair.unchanged),
      folders: sum((pair) => pair.folders),
      symlinks: sum((pair) => pair.symlinks),
    };
    const nothing = Object.values(totals).every((count) => count === 0);
    if (nothing && this.firstError) throw this.allFailed(this.firstError);
    return {
      pairs: this.pairs,
      ...totals,
      bytes: sum((pair) => pair.bytes),
      resumedBytes: this.resumedBytes,
      verified: this.verified,
      durationMs: Math.round(performance.now() - this.started),
      failures: this.faults,
      failed: this.failed,
      notes: [...this.notes],
    };
  }

  private allFailed(first: FlotillaError): FlotillaError {
    if (this.failed === 1) return first;
    return new FlotillaError(
      first.code,
      `Nothing was transferred. The first of ${this.failed} faults: ${first.message}`,
      {
        details: { ...first.details, failures: this.faults },
        hint: first.hint,
        cause: first,
      },
    );
  }

  private tell(current: () => string): void {
    const now = performance.now();
    if (!this.onProgress || now - this.lastTold < PROGRESS_MS) return;
    this.lastTold = now;
    this.onProgress({
      bytes: this.movedBytes,
      totalBytes: Math.max(this.totalBytes, this.movedBytes),
      files: this.movedFiles,
      totalFiles: this.totalFiles,
      current: current(),
    });
  }
}

const unknown = (error: unknown): FlotillaError =>
  new FlotillaError('TRANSFER_FAILED', 'It failed.', {
    details: { cause: error instanceof Error ? error.message : String(error) },
    cause: error,
  });
