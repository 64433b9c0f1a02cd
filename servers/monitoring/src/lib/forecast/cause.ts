import { visibleControls } from '@flotilla/core';
import type { Metrics } from '@flotilla/metrics';
import { quote } from '@flotilla/ssh';
import { bounded } from '../host/numbers.ts';
import { type HostContext, readHost } from '../host/read-host.ts';
import { type SectionMarks, sectionMap, sectionMarks } from '../host/sections.ts';
import { lines } from '../host/words.ts';

export interface Directory {
  path: string;
  bytes: number;
  /** Since it was measured before. */
  grownBytes?: number | undefined;
  since?: string | undefined;
}

export interface RecentFile {
  path: string;
  bytes: number;
}

export interface Cause {
  mountpoint: string;
  /** Those that grew first, then the largest. */
  directories: Directory[];
  /** Large files that were written within a day, the largest first. */
  recentFiles: RecentFile[];
  note?: string | undefined;
}

const DU_SECONDS = 40;
const MAX_DIRECTORIES = 200;
const SERIES = 'directory_size_bytes';

/** Bounded: one file system, three levels, at the lowest priority, cut off by the clock. */
const script = (mountpoint: string, marks: SectionMarks): string => {
  const path = quote(mountpoint);
  return `n=; command -v nice >/dev/null 2>&1 && n='nice -n 19'; command -v ionice >/dev/null 2>&1 && n="$n ionice -c 3"
T=; command -v timeout >/dev/null 2>&1 && T='timeout ${DU_SECONDS}'
${marks.begin('du')}; $T $n du -xk -d 3 -- ${path} 2>/dev/null | sort -rn | head -n ${MAX_DIRECTORIES}
${marks.begin('files')}; $T $n find ${path} -xdev -type f -mtime -1 -size +20000 -exec ls -ln {} + 2>/dev/null | sort -rnk5 | head -n 10
true`;
};

/** Which directories of a file system are large, and which grew since this was asked before. Takes up to a minute. */
export async function causeOf(
  context: HostContext,
  metrics: Metrics,
  target: { alias: string; mountpoint: string; now: number },
): Promise<Cause> {
  const { alias, mountpoint, now } = target;
  const marks = sectionMarks();
  const answer = await readHost(context, alias, script(mountpoint, marks), {
    timeoutMs: 2.5 * DU_SECONDS * 1000,
    maxBytes: 512 * 1024,
  });
  const sections = sectionMap(marks.parse(answer.stdout));
  const sizes = parseSizes(sections.get('du'));
  const known = await metrics.points({
    hosts: [alias],
    name: SERIES,
    matchers: [{ label: 'mountpoint', op: '=', value: mountpoint }],
    from: now - 30 * 86_400_000,
    to: now,
    stepMs: 3_600_000,
    aggregate: 'last',
  });
  const before = new Map(known.map(({ labels, points }) => [labels['path'] ?? '', points[0]]));
  await metrics.append([
    {
      host: alias,
      at: now,
      values: sizes
        .slice(0, 40)
        .map(({ path, bytes }) => ({ name: SERIES, labels: { mountpoint, path }, value: bytes })),
    },
  ]);
  const directories = sizes.map((one): Directory => {
    const earlier = before.get(one.path);
    return earlier
      ? { ...one, grownBytes: one.bytes - earlier[1], since: new Date(earlier[0]).toISOString() }
      : one;
  });
  return {
    mountpoint,
    directories: leaves(directories)
      .sort((a, b) => (b.grownBytes ?? 0) - (a.grownBytes ?? 0) || b.bytes - a.bytes)
      .slice(0, 10),
    recentFiles: parseFiles(sections.get('files')),
    ...(sizes.length === 0 && { note: `nothing came within ${DU_SECONDS} s, or the login may not read it` }),
  };
}

function parseSizes(text: string | undefined): { path: string; bytes: number }[] {
  return lines(text, MAX_DIRECTORIES).flatMap((line) => {
    const [, kilobytes, path] = /^(\d{1,15})\s+(\/.{0,300})$/.exec(line) ?? [];
    const size = bounded(kilobytes);
    return path && size !== undefined ? [{ path: visibleControls(path), bytes: size * 1024 }] : [];
  });
}

/** A directory whose size lies mostly in one of its own is told by that one. */
function leaves<T extends { path: string; bytes: number }>(all: readonly T[]): T[] {
  return all.filter(
    (one) =>
      !all.some(
        (other) =>
          other !== one &&
          other.path.startsWith(one.path === '/' ? '/' : `${one.path}/`) &&
          other.bytes > one.bytes * 0.8,
      ),
  );
}

function parseFiles(text: string | undefined): RecentFile[] {
  return lines(text, 10).flatMap((line) => {
    const [, bytes, path] = /^-\S+\s+\d+\s+\d+\s+\d+\s+(\d{1,15})\s.*? (\/.{1,300})$/.exec(line) ?? [];
    return bytes && path ? [{ path: visibleControls(path), bytes: Number(bytes) }] : [];
  });
}

export function causeLines(
  { mountpoint, directories, recentFiles, note }: Cause,
  amount: (bytes: number) => string,
): string[] {
  return [
    ...(note ? [`${mountpoint}: ${note}`] : []),
    ...directories.map(
      ({ path, bytes, grownBytes, since }) =>
        `${amount(bytes)} ${path}${grownBytes && since ? ` (${grownBytes > 0 ? '+' : '-'}${amount(Math.abs(grownBytes))} since ${since})` : ''}`,
    ),
    ...recentFiles.map(({ path, bytes }) => `${amount(bytes)} ${path} (written within a day)`),
  ];
}
