import type { HostContext } from '../host/read-host.ts';
import { type Section, type SectionMarks, sectionMap, sectionMarks } from '../host/sections.ts';
import { unsupported } from '../sampling/look.ts';
import { parseSample } from '../sampling/parse-sample.ts';
import type { Reading } from '../sampling/reading.ts';
import { sampleScript } from '../sampling/sample-script.ts';
import { type ProcessUse, processUse } from './processes.ts';

const MAX_BYTES = 8 * 1024 * 1024;
const AGAIN = 'again';

const processes = (marks: SectionMarks): string =>
  `${marks.begin('processes')}; cat /proc/[0-9]*/stat 2>/dev/null`;

/** Two looks some 300 ms apart, with the processes at both; sleep(1) of an old busybox knows whole seconds alone. */
const script = (marks: SectionMarks): string => `${sampleScript(marks, { names: true }).replace(/true$/, '')}
${processes(marks)}
sleep 0.3 2>/dev/null || sleep 1
${marks.begin(AGAIN)}
${sampleScript(marks, { filesystems: false }).replace(/true$/, '')}
${processes(marks)}
${marks.begin('page')}; getconf PAGE_SIZE 2>/dev/null || echo 4096
${marks.begin('owners')}; ls -ld /proc/[0-9]* 2>/dev/null
${marks.begin('commands')}; head -c 400 /dev/null /proc/[0-9]*/cmdline 2>/dev/null
true`;

export interface TwoLooks {
  before: Reading;
  now: Reading;
  processes: ProcessUse[];
  tookMs: number;
}

export async function twoLooks({ hosts, signal }: HostContext, alias: string): Promise<TwoLooks> {
  const started = performance.now();
  const marks = sectionMarks();
  const answer = await hosts.shell(alias, script(marks), { timeoutMs: 30_000, maxBytes: MAX_BYTES, signal });
  if (answer.exitCode === 95) throw unsupported(alias, 'has no readable /proc');
  return parseTwoLooks(alias, marks.parse(answer.stdout), performance.now() - started);
}

/** Pure: what the script printed, as two readings and what the processes used between them. */
export function parseTwoLooks(alias: string, sections: readonly Section[], tookMs: number): TwoLooks {
  const cut = sections.findIndex(({ name }) => name === AGAIN);
  const [first, second] = cut < 0 ? [sections, []] : [sections.slice(0, cut), sections.slice(cut + 1)];
  const before = parseSample(first);
  const later = parseSample(second);
  if (!before || !later) throw unsupported(alias, 'does not answer like a Linux host');
  const { filesystems, containers } = before;
  const known = new Map(containers.map((one) => [one.id, one]));
  const now: Reading = {
    ...later,
    filesystems,
    containers: later.containers.map((one) => ({ ...known.get(one.id), ...one })),
  };
  const seconds = now.uptimeSeconds - before.uptimeSeconds;
  const processes = processUse(sectionMap(first), sectionMap(second), seconds);
  return { before, now, processes, tookMs };
}
