import { formatBytes, type Hosts } from '@flotilla/core';
import { quote } from '@flotilla/ssh';
import type { Problem } from './problem.ts';

const FULL_PERCENT = 95;
const TIGHT_PERCENT = 88;
const LARGE_LOG = 1024 ** 3;

export interface DiskFacts {
  usedPercent?: number;
  freeBytes?: number;
  inodesPercent?: number;
  /** Container id → bytes of its log file. */
  logs: Map<string, number>;
}

/** Space and inodes below the engine's folder, and its log files as far as they can be read. */
export const diskScript = (root: string): string => `r=${quote(root)}
echo space; timeout 5 df -Pk -- "$r" 2>/dev/null | tail -n 1
echo inodes; timeout 5 df -Pi -- "$r" 2>/dev/null | tail -n 1
echo logs
find "$r/containers" -maxdepth 2 -name '*-json.log' -size +100000k -exec ls -ln {} + 2>/dev/null | head -n 50
[ "$(id -u)" = 0 ] || [ -r "$r/containers" ] || sudo -n find "$r/containers" -maxdepth 2 -name '*-json.log' -size +100000k -exec ls -ln {} + 2>/dev/null | head -n 50
exit 0`;

export async function readDisk(
  hosts: Pick<Hosts, 'shell'>,
  alias: string,
  root: string,
  signal: AbortSignal,
): Promise<DiskFacts> {
  const result = await hosts.shell(alias, diskScript(root), { timeoutMs: 20_000, maxBytes: 65_536, signal });
  return parseDisk(result.stdout);
}

export function parseDisk(text: string): DiskFacts {
  const facts: DiskFacts = { logs: new Map() };
  let section = '';
  for (const line of text.split('\n')) {
    if (['space', 'inodes', 'logs'].includes(line)) {
      section = line;
      continue;
    }
    const fields = line.trim().split(/\s+/);
    const percent = Number(/^(\d{1,3})%$/.exec(fields[4] ?? '')?.[1] ?? Number.NaN);
    if (section === 'space' && percent <= 100) {
      facts.usedPercent = percent;
      facts.freeBytes = Number(fields[3]) * 1024;
    }
    if (section === 'inodes' && percent <= 100) facts.inodesPercent = percent;
    const [, id] = /\/([0-9a-f]{64})-json\.log$/.exec(line) ?? [];
    const bytes = Number(fields[4]);
    if (section === 'logs' && id && Number.isSafeInteger(bytes)) facts.logs.set(id, bytes);
  }
  return facts;
}

export function judgeDisk(
  facts: DiskFacts,
  root: string,
  nameOf: (id: string) => string | undefined,
): Problem[] {
  const problems: Problem[] = [];
  const space = (percent: number | undefined, of: string): void => {
    if (percent === undefined || percent < TIGHT_PERCENT) return;
    const free =
      of === 'space' && facts.freeBytes !== undefined ? `, ${formatBytes(facts.freeBytes)} free` : '';
    problems.push({
      severity: percent >= FULL_PERCENT ? 'critical' : 'warning',
      kind: 'disk_full',
      what: `the disk of the engine (${JSON.stringify(root)}) has ${percent} % of its ${of} used${free}`,
      evidence: [...facts.logs]
        .toSorted(([, a], [, b]) => b - a)
        .slice(0, 3)
        .map(([id, bytes]) => `log of ${nameOf(id) ?? id.slice(0, 12)}: ${formatBytes(bytes)}`),
      next: 'See docker_df and docker_prune; large logs are named here.',
    });
  };
  space(facts.usedPercent, 'space');
  space(facts.inodesPercent, 'inodes');
  for (const [id, bytes] of facts.logs) {
    if (bytes < LARGE_LOG) continue;
    const container = nameOf(id);
    problems.push({
      severity: 'warning',
      kind: 'large_log',
      ...(container !== undefined && { container }),
      what: `its log file has ${formatBytes(bytes)} and nothing cuts it`,
      evidence: [],
      next: 'Set max-size and max-file of its json-file log driver, and make it anew.',
    });
  }
  return problems;
}
