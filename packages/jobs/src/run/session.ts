import { type ErrorCode, FlotillaError, isFlotillaError, type Progress } from '@flotilla/core';
import type { ExecutorParts } from '../engine-parts.ts';
import { StepBook } from '../steps/step-book.ts';
import type { StepRow } from '../steps/step-rows.ts';
import { Fenced, type LedgerOp } from './ledger.ts';
import { LiveTail } from './live-tail.ts';
import { type Note, Notes } from './notes.ts';

/** The run went to another process, or this one stops: the handler must end without an effect. */
class LetGo extends FlotillaError {
  constructor() {
    super('CANCELLED', 'This process no longer executes the run.');
  }
}

const STORAGE_TROUBLE: readonly ErrorCode[] = ['STORAGE_FULL', 'TIMEOUT', 'SERVER_UNAVAILABLE'];
const LIVE_EVERY_MS = 250;

export type StopReason = 'cancelled' | 'timeout';

/** One execution of a run by this process: its right to write, what it waits for, and how it is stopped. */
export class RunSession {
  readonly id: string;
  readonly fence: number;
  readonly book: StepBook;
  readonly tail: LiveTail;
  /** Streams under way, so that a reader gets what is in memory. */
  readonly sinks = new Set<{ flush(): void }>();
  progress: Progress | undefined;
  /** Some step was cut short by the stop. */
  cutShort = false;
  readonly #parts: ExecutorParts;
  readonly #notes = new Notes();
  readonly #stop = new AbortController();
  readonly #gone = new AbortController();
  readonly #waiting = new Map<string, string>();
  #writing = 0;
  #noteSoon: NodeJS.Immediate | undefined;
  #questions = 0;
  #closed = false;
  #liveTimer: NodeJS.Timeout | undefined;
  #questionsChanged: ((asking: boolean) => void) | undefined;

  constructor(parts: ExecutorParts, run: { id: string; aliases: number }, fence: number, steps: StepRow[]) {
    this.id = run.id;
    this.fence = fence;
    this.#parts = parts;
    this.book = new StepBook(steps);
    this.tail = new LiveTail(run.aliases > 1);
  }

  /** Aborted with a StopReason by cancel and the time limit, and when the run is let go. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Aborted only when the run is let go. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  get stopReason(): StopReason | undefined {
    const reason: unknown = this.#stop.signal.reason;
    return reason === 'cancelled' || reason === 'timeout' ? reason : undefined;
  }

  get waitingFor(): string | undefined {
    const reasons = [...new Set(this.#waiting.values())];
    if (reasons.length <= 3) return reasons.join('; ') || undefined;
    return `${reasons.slice(0, 3).join('; ')} and ${reasons.length - 3} more`;
  }

  stop(reason: StopReason): void {
    this.#stop.abort(reason);
    this.#changed();
  }

  letGo(): void {
    clearTimeout(this.#liveTimer);
    if (this.#noteSoon) this.#storeNotes();
    this.#gone.abort();
    this.#stop.abort();
  }

  assertHeld(): void {
    if (this.#gone.signal.aborted) throw new LetGo();
  }

  setProgress(progress: Progress): void {
    this.progress = this.#parts.redactor?.value(progress) ?? progress;
    this.#changed();
  }

  /** Why a step does not get on; undefined when it does. */
  setWaiting(step: string, reason: string | undefined): void {
    if (this.#waiting.get(step) === reason) return;
    if (reason === undefined) this.#waiting.delete(step);
    else this.#waiting.set(step, reason);
    this.#changed();
  }

  onQuestions(listener: (asking: boolean) => void): void {
    this.#questionsChanged = listener;
  }

  countQuestion(change: 1 | -1): void {
    this.#questions += change;
    this.#questionsChanged?.(this.#questions > 0);
  }

  /**
   * A write that changes nothing once another process has claimed the run. Waits while the disk is full, or the hub
   * away. Returns whether locks were freed.
   */
  async write(ops: readonly LedgerOp[], options: { durable: boolean }): Promise<boolean> {
    try {
      return await this.#write(ops, options);
    } finally {
      this.#storeNotesSoon();
    }
  }

  async #write(ops: readonly LedgerOp[], options: { durable: boolean }): Promise<boolean> {
    for (let waitMs = 250; ; waitMs = Math.min(waitMs * 2, 10_000)) {
      this.assertHeld();
      let carried: readonly Note[] = [];
      const undone = (): void => this.#notes.undone(carried);
      const take = (): readonly LedgerOp[] => {
        carried = this.#notes.take();
        return carried.length === 0 ? ops : [...carried.map((note) => note.op), ...ops];
      };
      this.#writing++;
      try {
        const freed = await this.#parts.ledger.write(this.id, this.fence, { take, undone }, options);
        this.#notes.stored(carried);
        this.setWaiting('', undefined);
        if (carried.length > 0) this.#parts.changes.emit(this.id);
        return freed;
      } catch (error) {
        undone();
        if (error instanceof Fenced) this.letGo();
        this.assertHeld();
        if (!isFlotillaError(error) || !STORAGE_TROUBLE.includes(error.code)) throw error;
        const where = error.code === 'SERVER_UNAVAILABLE' ? '' : 'the state file: ';
        this.setWaiting('', `${where}${error.message}`);
        await pause(waitMs, this.gone);
      } finally {
        this.#writing--;
      }
    }
  }

  /** A change nobody waits for; whatever is written after it is stored only together with it. */
  note(op: LedgerOp): void {
    this.#notes.add(op);
    this.#storeNotesSoon();
  }

  /** Unless a write that is under way carries them. */
  #storeNotesSoon(): void {
    if (this.#writing > 0 || !this.#notes.waiting || this.#gone.signal.aborted) return;
    this.#noteSoon ??= setImmediate(() => {
      if (this.#writing === 0 && this.#notes.waiting) this.#storeNotes();
      this.#noteSoon = undefined;
    });
  }

  #storeNotes(): void {
    clearImmediate(this.#noteSoon);
    this.#noteSoon = undefined;
    this.#write([], { durable: false }).then(
      () => this.#storeNotesSoon(),
      (error: unknown) => {
        if (error instanceof LetGo) return;
        this.#parts.log.error({ err: error, run: this.id }, 'a note was not stored');
      },
    );
  }

  flushOutput(): void {
    for (const sink of this.sinks) {
      try {
        sink.flush();
      } catch {
        // A full disk: the stream's own writer deals with it.
      }
    }
  }

  outputGrew(): void {
    this.#changed();
  }

  /** No live row is written after this. */
  close(): void {
    clearTimeout(this.#liveTimer);
    this.#liveTimer = undefined;
    this.#closed = true;
  }

  #changed(): void {
    this.#parts.changes.emit(this.id, 'live');
    if (this.#closed || this.#gone.signal.aborted) return;
    this.#liveTimer ??= setTimeout(() => this.#storeLive(), LIVE_EVERY_MS).unref();
  }

  #storeLive(): void {
    this.#liveTimer = undefined;
    if (this.#waiting.has('')) return;
    this.note({
      op: 'live',
      progress: this.progress ? JSON.stringify(this.progress) : null,
      waitingFor: this.waitingFor ?? null,
      tail: this.tail.text,
    });
  }
}

/** Resolves after `ms`, or at once when the signal is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(done, ms);
    timer.unref();
    signal?.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
  });
}
