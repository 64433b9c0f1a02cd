import { readdirSync, readFileSync } from 'node:fs';

interface Entry {
  parent: number;
  ms: number;
}

/** The kernel's clock ticks per second in proc(5) of every usual Linux. */
const TICK_MS = 10;

/**
 * Processor time of a process, its descendants, and of all that ended among them and was waited for, in ms. Taken before and
 * after, it is what the host's side of some commands cost, which the load of the machine changes far less than their time.
 */
export function treeCpuMs(root: number): number {
  const all = entries();
  const below = (pid: number): boolean => {
    for (let at = pid; at > 1; at = all.get(at)?.parent ?? 0) if (at === root) return true;
    return false;
  };
  return [...all].reduce((sum, [pid, { ms }]) => (below(pid) ? sum + ms : sum), 0);
}

function entries(): Map<number, Entry> {
  const found = new Map<number, Entry>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
      found.set(Number(name), { parent: Number(fields[1]), ms: ticks * TICK_MS });
    } catch {
      // It ended meanwhile.
    }
  }
  return found;
}
