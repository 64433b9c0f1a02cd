import { z } from 'zod';
import { bounded } from '../host/numbers.ts';
import type { SectionMarks } from '../host/sections.ts';
import { hostWord } from '../host/words.ts';
import type { ServiceRow } from './rows.ts';

const MAX_CONTAINERS = 300;

/** `docker ps` (or podman's) as one JSON object per line; `absent` without a client, `denied` with what it said. */
export const containerScript = (marks: SectionMarks): string => `
c=; for one in docker podman; do command -v $one >/dev/null 2>&1 && c=$one && break; done
if [ -z "$c" ]; then ${marks.begin('docker-absent')}
else
out=$($T $c ps -a --no-trunc --format '{{json .}}' 2>&1 </dev/null | head -n ${MAX_CONTAINERS})
case "$out" in ''|'{'*) ${marks.begin('docker', '$c')}; printf '%s\\n' "$out";; *) ${marks.begin('docker-denied')}; printf '%s\\n' "$out" | head -n 3;; esac
fi`;

const Container = z.object({
  Names: z.union([z.string(), z.array(z.string())]),
  Image: z.string().default(''),
  State: z.string().optional(),
  Status: z.string().default(''),
});

/** Lines that are no container are left out. */
export function parseContainers(text: string): ServiceRow[] {
  return text
    .split('\n')
    .slice(0, MAX_CONTAINERS)
    .flatMap((line) => {
      const parsed = Container.safeParse(jsonOf(line));
      return parsed.success ? [row(parsed.data)] : [];
    });
}

function row({ Names, Image, State, Status }: z.infer<typeof Container>): ServiceRow {
  const name = Array.isArray(Names) ? (Names[0] ?? '') : (Names.split(',')[0] ?? '');
  const exitCode = bounded(/\((\d{1,3})\)/.exec(Status)?.[1], 0, 255);
  return {
    kind: 'docker',
    name: hostWord(name),
    status: hostWord(Status || State, 80),
    health: healthOf(State ?? '', Status, exitCode),
    image: hostWord(Image, 120),
    ...(exitCode !== undefined && { exitCode }),
  };
}

function healthOf(state: string, status: string, exitCode: number | undefined): ServiceRow['health'] {
  if (state === 'restarting' || status.startsWith('Restarting')) return 'restarting';
  if (status.includes('(unhealthy)')) return 'unhealthy';
  if (state === 'dead') return 'failed';
  if (state === 'running' || status.startsWith('Up')) return 'ok';
  // 0 ended well; 143 and 137 are what `docker stop` leaves behind.
  return exitCode === undefined || [0, 137, 143].includes(exitCode) ? 'inactive' : 'failed';
}

export function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
