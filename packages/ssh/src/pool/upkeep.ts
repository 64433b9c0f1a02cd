import { isIdle, type PooledLink } from './pooled-link.ts';

export interface UpkeepInput {
  links: Iterable<PooledLink>;
  minConnections: number;
  idleTimeoutMs: number;
  now: number;
}

export interface Upkeep {
  /** Connections that were idle for too long. */
  close: PooledLink[];
  /** When to look again; Infinity = not before something happens. */
  nextAt: number;
}

/** Which idle connections above the minimum to close, those idle for longest first. */
export function idleUpkeep({ links, minConnections, idleTimeoutMs, now }: UpkeepInput): Upkeep {
  const all = [...links];
  const spare = all.length - minConnections;
  const idle = all.filter(isIdle).sort((one, other) => one.idleSince - other.idleSince);
  const close: PooledLink[] = [];
  for (const pooled of idle) {
    if (close.length >= spare) break;
    const due = pooled.idleSince + idleTimeoutMs;
    if (due > now) return { close, nextAt: due };
    close.push(pooled);
  }
  return { close, nextAt: Number.POSITIVE_INFINITY };
}
