import type { SeriesValue } from '@flotilla/metrics';
import { bounded } from '../../host/numbers.ts';
import { type HostContext, readHost } from '../../host/read-host.ts';
import { type Section, type SectionMarks, sectionMarks, sectionText } from '../../host/sections.ts';
import { hostWord } from '../../host/words.ts';

const MAX_UNITS = 100;
const MAX_CONTAINERS = 200;

const script = (marks: SectionMarks): string => `
if command -v systemctl >/dev/null 2>&1; then ${marks.begin('units')}
$T systemctl list-units --failed --plain --no-legend --no-pager 2>/dev/null | head -n ${MAX_UNITS}; fi
c=; for one in docker podman; do command -v $one >/dev/null 2>&1 && c=$one && break; done
if [ -n "$c" ]; then
ids=$($T $c ps -aq --no-trunc 2>/dev/null | head -n ${MAX_CONTAINERS})
if [ -n "$ids" ]; then ${marks.begin('restarts')}
$T $c inspect --format '{{.RestartCount}} {{.Name}}' $ids 2>/dev/null
fi; fi
true`;

/** What rules need and no counter of the kernel tells: failed units and how often containers were restarted. */
export async function readWatch(
  context: HostContext,
  alias: string,
): Promise<{ failedUnits: string[]; restarts: SeriesValue[] }> {
  const marks = sectionMarks();
  const { stdout } = await readHost(context, alias, script(marks), {
    timeoutMs: 20_000,
    maxBytes: 256 * 1024,
  });
  return parseWatch(marks.parse(stdout));
}

export function parseWatch(sections: readonly Section[]): { failedUnits: string[]; restarts: SeriesValue[] } {
  const lines = (name: string): string[] =>
    sectionText(sections, name)
      .split('\n')
      .filter((line) => line.trim() !== '');
  const units = lines('units').flatMap((line) => /^[●*×\s]*(\S{1,200}\.[a-z]+)\s/u.exec(line)?.[1] ?? []);
  return {
    failedUnits: [...new Set(units.map((unit) => hostWord(unit, 120)))].slice(0, MAX_UNITS),
    restarts: lines('restarts').flatMap((line): SeriesValue[] => {
      const [, count, name] = /^(\d{1,9}) \/?(\S.*)$/.exec(line) ?? [];
      const value = bounded(count, 0, 1e9);
      return value === undefined
        ? []
        : [{ name: 'flotilla_container_restarts', labels: { name: hostWord(name, 120) }, value }];
    }),
  };
}
