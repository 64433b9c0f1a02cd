import { type HostContext, PRELUDE, readHost } from '../host/read-host.ts';
import { type Section, sectionMarks } from '../host/sections.ts';
import { hostWord } from '../host/words.ts';
import { entriesOf, type LogEntry } from './entries.ts';
import { isLogPath } from './log-path.ts';
import type { LogQuery } from './query.ts';
import { MAX_LINES, searchScript } from './search-script.ts';

export interface FoundLogs {
  entries: LogEntry[];
  /** What was looked at: `journal`, containers, files. */
  looked: string[];
  /** What could not be seen. */
  notes: string[];
}

/** Sources and files below /var/log are read as root where the host allows it; other files as the login alone. */
export async function searchHost(context: HostContext, alias: string, query: LogQuery): Promise<FoundLogs> {
  const own = query.files.filter((path) => !isLogPath(path));
  const parts = [searchAs(context, alias, { ...query, files: query.files.filter(isLogPath) }, true)];
  if (own.length > 0) parts.push(searchAs(context, alias, { ...query, sources: [], files: own }, false));
  const found = await Promise.all(parts);
  return {
    entries: found.flatMap(({ entries }) => entries),
    looked: found.flatMap(({ looked }) => looked),
    notes: [...new Set(found.flatMap(({ notes }) => notes))],
  };
}

async function searchAs(
  context: HostContext,
  alias: string,
  query: LogQuery,
  root: boolean,
): Promise<FoundLogs> {
  const marks = sectionMarks();
  const options = { timeoutMs: 90_000, maxBytes: 8 * 1024 * 1024 };
  const script = searchScript(query, marks);
  const result = root
    ? await readHost(context, alias, script, options)
    : await context.hosts.shell(alias, `${PRELUDE}\n${script}`, { ...options, signal: context.signal });
  const sections = marks.parse(result.stdout);
  const looked = sections
    .filter(({ name }) => name === 'journal' || name === 'docker' || name === 'file')
    .map(({ name, label }) =>
      hostWord(name === 'journal' ? name : name === 'docker' ? `docker ${label}` : label),
    );
  return {
    entries: entriesOf(sections, query, Date.now()),
    looked,
    notes: notesOf(sections, result.truncated),
  };
}

function notesOf(sections: readonly Section[], truncated: boolean): string[] {
  const labels = (name: string): string[] =>
    sections.filter((section) => section.name === name).map(({ label }) => hostWord(label));
  const notes: string[] = [];
  const unreadable = labels('unreadable');
  if (unreadable.length > 0) notes.push(`not readable for this login: ${unreadable.slice(0, 10).join(', ')}`);
  const login = sections.find(({ name }) => name === 'login')?.label.split(' ');
  const journal = sections.some(({ name }) => name === 'journal');
  if (login && journal && !login.some((word) => ['adm', 'systemd-journal', 'wheel'].includes(word)))
    notes.push(
      `the journal shows this login (${hostWord(login[0], 40)}) its own entries only: set sudo for the host, or add the login to systemd-journal`,
    );
  if (labels('too-many').length > 0) notes.push('more than 80 files: name them with files');
  const full = sections.filter(({ text }) => text.split('\n').length >= MAX_LINES);
  if (full.length > 0)
    notes.push(
      `only the newest ${MAX_LINES} lines of ${full
        .slice(0, 10)
        .map(({ name, label }) => hostWord(label || name))
        .join(', ')} were looked at: narrow the search`,
    );
  const late = labels('late');
  if (late.length > 0) notes.push(`no time left for ${late.slice(0, 10).join(', ')}: narrow the search`);
  if (truncated) notes.push('more output than is taken at once: narrow the search');
  return notes;
}
