import { isFlotillaError, type JobContext } from '@flotilla/core';
import { quote } from '@flotilla/ssh';
import { PRELUDE } from '../host/read-host.ts';
import { PM2_FUNCTIONS } from '../pm2/pm2-script.ts';
import { syslogPriority } from './level.ts';
import { fileVariable } from './log-path.ts';
import type { LogQuery } from './query.ts';
import { filterText, globText, SOURCE_FILES } from './search-script.ts';

/** `lgrep`: grep that passes lines on at once; busybox has no option for that, so there it is one grep per line. */
const LGREP = `if echo x | grep --line-buffered x >/dev/null 2>&1; then lgrep() { grep --line-buffered "$@"; }
else lgrep() { while IFS= read -r l; do printf '%s\\n' "$l" | grep "$@"; done; }; fi`;

/** Prints the last lines of a file and what is added, across rotation and truncation, until it is stopped. */
export const followFile = (
  { path, root, lines }: { path: string; root: boolean; lines: number },
  filter: Pick<LogQuery, 'text' | 'regex' | 'caseSensitive'>,
): string =>
  `${PRELUDE}\n${LGREP}\n${fileVariable(path, root)}\ntail -n ${lines} -F -- "$f" 2>/dev/null | ${filterText({ ...NOTHING, ...filter }, 'lgrep')}`;

const NOTHING: LogQuery = {
  regex: false,
  caseSensitive: false,
  sinceMs: 0,
  untilMs: 0,
  sources: [],
  files: [],
};

/** Everything that the query's sources add from now on. */
export function followLogs(query: LogQuery): string {
  const filter = filterText(query, 'lgrep');
  const globs = [...query.files, ...query.sources.flatMap((source) => SOURCE_FILES[source] ?? [])];
  const parts: string[] = [];
  if (query.sources.includes('journal')) {
    const level = query.level === undefined ? '' : ` -p ${syslogPriority(query.level)}`;
    const unit = query.unit === undefined ? '' : ` --unit=${quote(query.unit)}`;
    const text = filterText({ ...query, level: undefined }, 'lgrep');
    parts.push(
      `command -v journalctl >/dev/null 2>&1 && { journalctl --no-pager -q -f -n 0 -o short-iso${level}${unit} 2>/dev/null | ${text} & }`,
    );
  }
  if (query.sources.includes('docker')) {
    const names =
      query.container === undefined
        ? `$(docker ps --format '{{.Names}}' 2>/dev/null | head -n 30)`
        : quote(query.container);
    parts.push(
      `command -v docker >/dev/null 2>&1 && for name in ${names}; do { docker logs -f --tail 0 -- "$name" 2>&1 </dev/null | ${filter} | while IFS= read -r line; do printf '%s: %s\\n' "$name" "$line"; done & }; done`,
    );
  }
  const pm2 = query.sources.includes('pm2');
  const names = `${globs.map(globText).join(' ')}${pm2 ? ' $(pm2_homes | while read -r home; do ls -d "$home"/logs/*.log 2>/dev/null; done)' : ''}`;
  if (globs.length > 0 || pm2)
    parts.push(`${pm2 ? PM2_FUNCTIONS : ''}
set --; for f in ${names}; do case "$f" in *.gz|*.xz|*.[0-9]) ;; *) [ -f "$f" ] && [ -r "$f" ] && set -- "$@" "$f";; esac; done
[ $# -gt 0 ] && { tail -n 0 -F -- "$@" 2>/dev/null | ${filter} & }`);
  return `${PRELUDE}\n${LGREP}\n${parts.join('\n')}\nwait`;
}

/** Asks once, as a step, so that a replay decides the same. */
export const mayBeRoot = (job: JobContext, alias: string): Promise<boolean> =>
  job.step.repeatable(
    'root',
    async () => {
      try {
        await job.hosts.shell(alias, 'true', { sudo: true, signal: job.signal });
        return true;
      } catch (error) {
        if (isFlotillaError(error) && error.code === 'UNSUPPORTED') return false;
        throw error;
      }
    },
    { alias },
  );

/** Runs a following command until its time is over; its whole output is kept by the run. */
export async function followOn(
  job: JobContext,
  alias: string,
  command: string,
  options: { seconds: number; sudo: boolean },
): Promise<{ text: string; bytes: number }> {
  const { stdout } = await job.step.command('follow', alias, {
    command,
    timeoutMs: options.seconds * 1000,
    ...(options.sudo && { sudo: true }),
  });
  return { text: stdout.text, bytes: stdout.bytes };
}
