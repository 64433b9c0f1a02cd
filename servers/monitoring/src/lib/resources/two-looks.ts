import type { HostContext } from '../host/read-host.ts';
import { unsupported } from '../sampling/look.ts';
import { parseSample } from '../sampling/parse-sample.ts';
import type { Reading } from '../sampling/reading.ts';
import { sampleScript } from '../sampling/sample-script.ts';
import { readSections } from '../sampling/sections.ts';
import { type ProcessUse, processUse } from './processes.ts';

const MAX_BYTES = 8 * 1024 * 1024;
const AGAIN = '%%again';

const PROCESSES = `echo @@processes; cat /proc/[0-9]*/stat 2>/dev/null`;

/** Two looks some 300 ms apart, with the processes at both; sleep(1) of an old busybox knows whole seconds alone. */
const SCRIPT = `${sampleScript({ names: true }).replace(/true$/, '')}
${PROCESSES}
sleep 0.3 2>/dev/null || sleep 1
echo; echo ${AGAIN}
${sampleScript({ filesystems: false }).replace(/true$/, '')}
${PROCESSES}
echo @@page; getconf PAGE_SIZE 2>/dev/null || echo 4096
echo @@owners; ls -ld /proc/[0-9]* 2>/dev/null
echo @@commands; head -c 400 /dev/null /proc/[0-9]*/cmdline 2>/dev/null
true`;

export interface TwoLooks {
  before: Reading;
  now: Reading;
  processes: ProcessUse[];
  tookMs: number;
}

export async function twoLooks({ hosts, signal }: HostContext, alias: string): Promise<TwoLooks> {
  const started = performance.now();
  const answer = await hosts.shell(alias, SCRIPT, { timeoutMs: 30_000, maxBytes: MAX_BYTES, signal });
  if (answer.exitCode === 95) throw unsupported(alias, 'has no readable /proc');
  return parseTwoLooks(alias, answer.stdout, performance.now() - started);
}

/** Pure: what the script printed, as two readings and what the processes used between them. */
export function parseTwoLooks(alias: string, stdout: string, tookMs: number): TwoLooks {
  const cut = stdout.indexOf(`\n${AGAIN}\n`);
  const [first, second] =
    cut < 0 ? [stdout, ''] : [stdout.slice(0, cut), stdout.slice(cut + AGAIN.length + 1)];
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
  const processes = processUse(readSections(first), readSections(second), seconds);
  return { before, now, processes, tookMs };
}
