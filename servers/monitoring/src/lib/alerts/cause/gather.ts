import { type AuditReader, type Hosts, isFlotillaError } from '@flotilla/core';
import type { Metrics } from '@flotilla/metrics';
import { causeOf } from '../../forecast/cause.ts';
import { readHost } from '../../host/read-host.ts';
import { sectionMarks } from '../../host/sections.ts';
import { hostWord } from '../../host/words.ts';
import type { Alert } from '../alert.ts';
import type { Cause, CauseChange, CauseFile } from './cause.ts';
import { judge } from './judge.ts';
import { parseLook } from './parse.ts';
import { causeScript } from './script.ts';
import { touched } from './touched.ts';

const LOOK_MS = 45_000;
const MAX_BYTES = 512 * 1024;
const HOUR_MS = 3_600_000;
const MAX_CHANGES = 10;

export interface CauseParts {
  hosts: Pick<Hosts, 'shell' | 'resolve'>;
  audit: AuditReader;
  metrics: Pick<Metrics, 'gaps'>;
}

/** Why an alert fires: one bounded read of its host, what was missed, and what Flotilla did there before. Never rejects. */
export async function gatherCause(
  parts: CauseParts,
  alert: Alert,
  now: number,
  signal: AbortSignal,
): Promise<Cause> {
  const at = new Date(now).toISOString();
  const host = alert.labels['instance'];
  if (host === undefined || !isRegistered(parts.hosts, host))
    return { at, finding: 'It is not about one of the registered hosts.' };
  const changes = changesOn(parts, host, alert.firedAt ?? now);
  const shown = { ...(changes.length > 0 && { changes }) };
  if (alert.rule === 'HostDown')
    return { at, finding: await whyDark(parts.metrics, host, changes, now), ...shown };
  try {
    const marks = sectionMarks();
    const { hosts } = parts;
    const { mountpoint, state, name } = alert.labels;
    const script = causeScript(marks, { mountpoint, unit: state === 'failed' ? name : undefined });
    const { stdout } = await readHost({ hosts: hosts as Hosts, signal }, host, script, {
      timeoutMs: LOOK_MS,
      maxBytes: MAX_BYTES,
    });
    const look = parseLook(marks.parse(stdout), now);
    const { finding, culprit } = judge(alert, look, changes, now);
    const unwell = look.containers.filter(
      ({ state, restarts, health }) => state !== 'running' || restarts > 0 || health === 'unhealthy',
    );
    return {
      at,
      finding,
      ...(culprit !== undefined && { culprit }),
      processes: look.processes,
      failedUnits: look.failedUnits,
      errorLines: look.errorLines,
      ...(look.unitLines.length > 0 && { unitLines: look.unitLines }),
      growing: nearest(look.growing, alert.labels['mountpoint']),
      containers: unwell.slice(0, 10).map(({ id: _id, health: _health, ...rest }) => rest),
      ...shown,
    };
  } catch (error) {
    const code = isFlotillaError(error) ? error.code : 'INTERNAL';
    return { at, finding: `The host could not be looked at (${code}).`, ...shown };
  }
}

const MAX_FILES = 8;

/** Those on the file system of the alert first. */
function nearest(growing: readonly CauseFile[], mountpoint = ''): CauseFile[] {
  const own = hostWord(mountpoint);
  return growing
    .toSorted((a, b) => Number(b.mountpoint === own) - Number(a.mountpoint === own))
    .slice(0, MAX_FILES);
}

function isRegistered(hosts: CauseParts['hosts'], alias: string): boolean {
  try {
    return hosts.resolve([alias]).length === 1;
  } catch {
    return false;
  }
}

/** What changes only what Flotilla knows of a host. */
const REGISTRIES = /^(?:server|project|work|check|alert|notifier|api|schedule)_/;

/** Calls that changed something on the host; reads explain nothing. */
export function changesOn(
  { audit, hosts }: Pick<CauseParts, 'audit' | 'hosts'>,
  alias: string,
  until: number,
): CauseChange[] {
  const { calls } = audit.search({ since: until - HOUR_MS, until, limit: 1_000 });
  return calls
    .filter(({ effect, result, tool }) => effect !== 'read' && result !== 'denied' && !REGISTRIES.test(tool))
    .filter(({ aliases }) => touched(hosts, aliases, alias))
    .slice(0, MAX_CHANGES)
    .map(({ time, tool, principal, result, runId }) => ({
      at: new Date(time).toISOString(),
      tool,
      by: principal,
      result,
      ...(runId !== undefined && { runId }),
    }));
}

const REASONS: Readonly<Record<string, string>> = {
  auth: 'it refuses the login',
  net: 'no connection',
  timeout: 'no answer in time',
  host_key: 'its host key is another one',
};

async function whyDark(
  metrics: CauseParts['metrics'],
  host: string,
  changes: readonly CauseChange[],
  now: number,
): Promise<string> {
  const [gap] = await metrics.gaps({ hosts: [host], from: now - 24 * HOUR_MS, to: now });
  const [last] = changes;
  const why = gap
    ? `${REASONS[gap.reason] ?? 'an error'}, ${gap.count} looks missed since ${new Date(gap.from).toISOString()}`
    : 'no look gave anything';
  return `${host}: ${why}.${last ? ` Before it: ${last.tool} by ${last.by}.` : ''}`;
}

/** What a cause lacks for a disk: measuring its folders may take a minute and a half, so it comes after the rest. */
export async function withFolders(
  { hosts, metrics }: { hosts: Hosts; metrics: Metrics },
  alert: Alert,
  cause: Cause,
  { now, signal }: { now: number; signal: AbortSignal },
): Promise<Cause> {
  const { instance: alias, mountpoint } = alert.labels;
  if (alias === undefined || mountpoint === undefined || cause.growing === undefined) return cause;
  const { directories, note } = await causeOf({ hosts, signal }, metrics, { alias, mountpoint, now });
  const folders = directories.map(({ path, bytes, grownBytes }) => ({
    path,
    sizeBytes: bytes,
    ...(grownBytes !== undefined && { grownBytes }),
  }));
  return { ...cause, folders, ...(note !== undefined && { notes: [note] }) };
}
