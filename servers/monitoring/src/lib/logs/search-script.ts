import { quote } from '@flotilla/ssh';
import type { SectionMarks } from '../host/sections.ts';
import { PM2_FUNCTIONS } from '../pm2/pm2-script.ts';
import { rankOf, syslogPriority, WARNING_PATTERN } from './level.ts';
import type { LogQuery, LogSource } from './query.ts';

/** Lines of one source that are looked at, the newest. */
export const MAX_LINES = 3000;
const MAX_FILES = 80;
const SOURCE_BYTES = 600_000;
const DEADLINE_SECONDS = 40;

/** Files of each source, rotations included; those that were last written before `since` are left out. */
export const SOURCE_FILES: Partial<Record<LogSource, readonly string[]>> = {
  syslog: ['/var/log/syslog*', '/var/log/messages*', '/var/log/kern.log*'],
  auth: ['/var/log/auth.log*', '/var/log/secure*'],
  nginx: ['/var/log/nginx/*'],
  apache: ['/var/log/apache2/*', '/var/log/httpd/*'],
  caddy: ['/var/log/caddy/*'],
  fail2ban: ['/var/log/fail2ban.log*'],
};

/** A path as shell text in which only `*` and `?` mean something. */
export const globText = (path: string): string =>
  path
    .split(/([*?])/)
    .map((part, at) => (at % 2 === 1 ? part : part === '' ? '' : quote(part)))
    .join('');

/** The part of a pipeline that keeps what the query asks for; `cat` when that is everything. */
export function filterText(
  { text, regex, caseSensitive, level }: LogQuery,
  program: 'grep' | 'lgrep' = 'grep',
): string {
  const stages: string[] = [];
  if (text !== undefined)
    stages.push(`${program} -a${caseSensitive ? '' : 'i'}${regex ? 'E' : 'F'} -e ${quote(text)}`);
  if (level !== undefined && rankOf(level) <= rankOf('warning'))
    stages.push(`${program} -aiE -e ${quote(WARNING_PATTERN)}`);
  return stages.length === 0 ? 'cat' : stages.join(' | ');
}

/** Everything that one host has to say to the query, in sections: clock, journal, docker NAME, file PATH, and notes. */
export function searchScript(query: LogQuery, marks: SectionMarks): string {
  const since = Math.floor(query.sinceMs / 1000);
  const keep = `${filterText(query)} | tail -n ${MAX_LINES} | cut -b1-4000 | tail -c ${SOURCE_BYTES}`;
  const globs = [...query.files, ...query.sources.flatMap((source) => SOURCE_FILES[source] ?? [])].map(
    globText,
  );
  return `
${marks.begin('clock', '$(date +%s) $(date +%z)')}
began=$(date +%s); count=0
[ "$(id -u)" = 0 ] || ${marks.begin('login', '$(id -un) $(id -nG)')}
late() { [ $(($(date +%s) - began)) -gt ${DEADLINE_SECONDS} ]; }
log_file() {
  [ -f "$1" ] || return 0
  m=$(stat -c %Y -- "$1" 2>/dev/null) && [ "$m" -lt ${since} ] && return 0
  count=$((count + 1)); [ $count -gt ${MAX_FILES} ] && { ${marks.begin('too-many')}; return 0; }
  label=$(printf '%s' "$1" | tr '\\n\\r' '??')
  late && { ${marks.begin('late', '$label')}; return 0; }
  [ -r "$1" ] || { ${marks.begin('unreadable', '$label')}; return 0; }
  case "$1" in *.gz) r='gzip -dc';; *.xz) r='xz -dc';; *.zst) r='zstd -dcq';; *.bz2) r='bzip2 -dc';; *) r='tail -c 268435456';; esac
  ${marks.begin('file', '$label')}
  $T $r -- "$1" 2>/dev/null | ${keep}
}
${query.sources.includes('journal') ? journalText(query, since, marks) : ''}
${query.sources.includes('docker') ? dockerText(query, since, keep, marks) : ''}
for f in ${globs.length > 0 ? globs.join(' ') : '""'}; do log_file "$f"; done
${query.sources.includes('pm2') ? `${PM2_FUNCTIONS}\npm2_homes | while IFS= read -r home; do for f in "$home"/logs/*.log; do log_file "$f"; done; done` : ''}
true`;
}

/**
 * journalctl(1): its own time, priority and unit filters; grep for the text where it was built without PCRE2. The newest
 * come first (-r): with --since alone, -n is the oldest ones.
 */
function journalText(query: LogQuery, since: number, marks: SectionMarks): string {
  const { text, regex, caseSensitive, level, unit } = query;
  const options = [
    '--no-pager -q -o json --output-fields=MESSAGE,PRIORITY,_SYSTEMD_UNIT,SYSLOG_IDENTIFIER,CONTAINER_NAME',
    `--since=@${since} --until=@${Math.ceil(query.untilMs / 1000)} -r -n ${MAX_LINES}`,
    level === undefined ? '' : `-p ${syslogPriority(level)}`,
    unit === undefined ? '' : `--unit=${quote(unit)}`,
  ].join(' ');
  const cut = `head -c ${SOURCE_BYTES * 3}`;
  const read = `$T journalctl ${options}`;
  const escaped = text === undefined ? '' : JSON.stringify(text).slice(1, -1);
  const pcre = regex ? text : text?.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const byGrep = `${read.replace(`-n ${MAX_LINES}`, '-n 50000')} 2>/dev/null | grep -a${caseSensitive ? '' : 'i'}${regex ? 'E' : 'F'} -e ${quote(escaped)} | head -n ${MAX_LINES} | ${cut}`;
  const search =
    pcre === undefined
      ? `${read} 2>/dev/null | ${cut}`
      : `if journalctl --version 2>/dev/null | grep -q '+PCRE2'; then ${read} --case-sensitive=${caseSensitive ? 'yes' : 'no'} --grep=${quote(pcre)} 2>/dev/null | ${cut}; else ${byGrep}; fi`;
  return `if command -v journalctl >/dev/null 2>&1; then ${marks.begin('journal')}; ${search}; fi`;
}

function dockerText(query: LogQuery, since: number, keep: string, marks: SectionMarks): string {
  const names =
    query.container === undefined
      ? `$c ps -a --format '{{.Names}}' 2>/dev/null </dev/null | head -n 60`
      : `printf '%s\\n' ${quote(query.container)}`;
  const lines = query.text === undefined && query.level === undefined ? MAX_LINES : 20_000;
  return `c=; for one in docker podman; do command -v $one >/dev/null 2>&1 && c=$one && break; done
[ -z "$c" ] || ${names} | while IFS= read -r name; do
late && break
${marks.begin('docker', '$name')}
$T $c logs --timestamps --since ${since} --until ${Math.ceil(query.untilMs / 1000)} --tail ${lines} -- "$name" 2>&1 </dev/null | ${keep}
done`;
}
