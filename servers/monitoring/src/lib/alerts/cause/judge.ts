import { formatBytes } from '@flotilla/core';
import { hostWord } from '../../host/words.ts';
import type { Alert } from '../alert.ts';
import type { CauseChange } from './cause.ts';
import type { Look } from './parse.ts';

interface Judgement {
  finding: string;
  culprit?: string | undefined;
}

const MANY_RESTARTS = 3;

/** The likely cause in one sentence: names and sizes, never a line of a log. */
export function judge(
  alert: Pick<Alert, 'rule' | 'labels'>,
  look: Look,
  changes: readonly CauseChange[],
  now: number,
): Judgement {
  const about = subject(alert, look);
  const [last] = changes;
  const minutes = last ? Math.max(0, Math.round((now - Date.parse(last.at)) / 60_000)) : 0;
  const before = last ? ` Before it: ${last.tool} by ${last.by} ${minutes} min ago.` : '';
  return { finding: `${about.finding}${before}`, culprit: about.culprit };
}

function subject({ rule, labels }: Pick<Alert, 'rule' | 'labels'>, look: Look): Judgement {
  const container = look.containers.find(({ name }) => name === labels['name']);
  const places =
    labels['mountpoint'] === undefined
      ? fullBelow(look, container?.mounts ?? [])
      : [hostWord(labels['mountpoint'])];
  const disk = diskFinding(look, places);
  if (labels['mountpoint'] !== undefined && disk)
    return { ...disk, finding: [disk.finding, loops(look)].filter(Boolean).join(' ') };
  if (container) {
    const why = container.oomKilled ? ', killed for lack of memory' : '';
    const exit = container.exitCode === undefined ? '' : ` with exit code ${container.exitCode}`;
    const itself = `container ${container.name} is ${container.state}${exit}${why}, ${container.restarts} restarts.`;
    return disk && look.full.length > 0
      ? { finding: `${fullText(look, places)} ${disk.finding} ${capital(itself)}`, culprit: disk.culprit }
      : { finding: capital(itself), culprit: `container ${container.name}` };
  }
  if (labels['state'] === 'failed' && labels['name'] !== undefined)
    return {
      finding: `Unit ${labels['name']} is failed.${look.full.length > 0 ? ` ${fullText(look)}` : ''}`,
      culprit: `unit ${labels['name']}`,
    };
  return busiest(rule, look) ?? disk ?? { finding: loops(look) || 'Nothing on the host stands out.' };
}

/** The full file systems that a container's folders lie on; all full ones where none does. */
function fullBelow({ full }: Look, folders: readonly string[]): string[] {
  const all = full.map(({ mountpoint }) => mountpoint);
  const own = all.filter((mountpoint) =>
    folders.some(
      (folder) => folder === mountpoint || folder.startsWith(mountpoint === '/' ? '/' : `${mountpoint}/`),
    ),
  );
  return own.length > 0 ? own.sort((a, b) => b.length - a.length).slice(0, 1) : all;
}

function diskFinding({ growing }: Look, mountpoints: readonly string[]): Judgement | undefined {
  const file = growing.find(({ mountpoint = '' }) => mountpoints.includes(mountpoint));
  if (!file) return undefined;
  const owner = file.container === undefined ? '' : `, the log or layer of container ${file.container}`;
  return {
    finding: `${file.path} has ${formatBytes(file.sizeBytes)} and was written ${file.changedSecondsAgo} s before${owner}.`,
    culprit: file.container === undefined ? file.path : `container ${file.container}`,
  };
}

const fullText = ({ full }: Look, among?: readonly string[]): string =>
  `${full
    .filter(({ mountpoint }) => among?.includes(mountpoint) ?? true)
    .map(({ mountpoint, usedPercent }) => `${mountpoint} is ${usedPercent} % full`)
    .join(', ')}.`;

function loops({ containers }: Look): string {
  const bad = containers.filter(({ restarts, state }) => state === 'restarting' || restarts >= MANY_RESTARTS);
  if (bad.length === 0) return '';
  return `In a restart loop: ${bad
    .slice(0, 3)
    .map(({ name, restarts }) => `${name} (${restarts} restarts)`)
    .join(', ')}.`;
}

function busiest(rule: string, { processes }: Look): Judgement | undefined {
  const key = /mem|swap/i.test(rule) ? 'memoryPercent' : /cpu|load/i.test(rule) ? 'cpuPercent' : undefined;
  if (key === undefined) return undefined;
  const [top] = processes.toSorted((a, b) => b[key] - a[key]);
  if (!top) return undefined;
  const program = top.command.split(' ')[0] ?? '';
  const what = key === 'cpuPercent' ? 'of a core' : 'of the memory';
  return {
    finding: `${program} (pid ${top.pid}, ${top.user}) uses ${top[key]} % ${what}.`,
    culprit: `process ${top.pid} ${program}`,
  };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
