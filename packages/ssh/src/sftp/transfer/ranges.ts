export interface Range {
  offset: number;
  length: number;
}

/**
 * Hands out a file's ranges in order to any number of takers and knows up to where everything is done:
 * what an interrupted transfer can be cut to and resumed from.
 */
export class Ranges {
  readonly size: number;
  private readonly step: number;
  private next: number;
  private done: number;
  private readonly ahead = new Map<number, number>();
  private readonly onContiguous: ((offset: number) => void) | undefined;

  constructor(size: number, step: number, start = 0, onContiguous?: (offset: number) => void) {
    this.size = size;
    this.step = step;
    this.next = start;
    this.done = start;
    this.onContiguous = onContiguous;
  }

  /** Everything before this offset is done. */
  get contiguous(): number {
    return this.done;
  }

  get isTaken(): boolean {
    return this.next >= this.size;
  }

  take(): Range | undefined {
    if (this.next >= this.size) return undefined;
    const range = { offset: this.next, length: Math.min(this.step, this.size - this.next) };
    this.next += range.length;
    return range;
  }

  finish({ offset, length }: Range): void {
    this.ahead.set(offset, length);
    const before = this.done;
    for (let more = this.ahead.get(this.done); more !== undefined; more = this.ahead.get(this.done)) {
      this.ahead.delete(this.done);
      this.done += more;
    }
    if (this.done !== before) this.onContiguous?.(this.done);
  }
}
