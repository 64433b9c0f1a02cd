/** One line of Flotilla's own log. */
export interface LogEntry {
  /** ISO 8601, UTC. */
  time: string;
  level: string;
  message: string;
  [field: string]: unknown;
}

export interface LogQuery {
  /** This level and the more severe ones. */
  level?: string;
  /** Text in the line, any case. */
  search?: string;
  /** Default 50. */
  limit?: number;
}

const LEVELS: Record<string, number> = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 };
const NAMES = new Map(Object.entries(LEVELS).map(([name, number]) => [number, name]));
const MAX_LINE = 16_384;

/** The newest lines of the log in memory, redacted as they were written. */
export class LogRing {
  readonly #lines: string[] = [];
  readonly #capacity: number;

  constructor(capacity = 1000) {
    this.#capacity = capacity;
  }

  /** A serialised line as pino writes it. */
  push(line: string): void {
    if (line.length > MAX_LINE) return;
    this.#lines.push(line);
    if (this.#lines.length > this.#capacity) this.#lines.shift();
  }

  /** Newest first. */
  search(query: LogQuery = {}): LogEntry[] {
    const least = LEVELS[query.level ?? 'trace'] ?? 0;
    const wanted = query.search?.toLowerCase();
    const found: LogEntry[] = [];
    for (const line of this.#lines.toReversed()) {
      if (found.length >= (query.limit ?? 50)) break;
      if (wanted !== undefined && !line.toLowerCase().includes(wanted)) continue;
      const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
      if (Number(level) < least) continue;
      found.push({
        time: new Date(Number(time)).toISOString(),
        level: NAMES.get(Number(level)) ?? String(level),
        message: String(msg ?? ''),
        ...fields,
      });
    }
    return found;
  }
}
