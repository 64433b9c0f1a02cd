import { randomBytes } from 'node:crypto';

/** One part of what a script printed: its name, the words behind it, and the text up to the next part. */
export interface Section {
  name: string;
  label: string;
  text: string;
}

/** A line that begins a section. The random word keeps the output of a host from forging one. */
export interface SectionMarks {
  /** Shell text that prints the line; `label` is shell text within double quotes, e.g. `$unit`. */
  begin(name: string, label?: string): string;
  parse(stdout: string): Section[];
}

export function sectionMarks(word: string = randomBytes(8).toString('hex')): SectionMarks {
  const line = new RegExp(`^@@${word} ([a-z0-9-]+) ?(.*)$`);
  return {
    begin: (name, label = '') => `printf '\\n@@%s %s %s\\n' ${word} ${name} "${label}"`,
    parse(stdout) {
      const sections: (Section & { lines: string[] })[] = [];
      for (const text of stdout.split('\n')) {
        const [, name, label = ''] = line.exec(text) ?? [];
        if (name !== undefined) sections.push({ name, label, text: '', lines: [] });
        else sections.at(-1)?.lines.push(text);
      }
      return sections.map(({ name, label, lines }) => ({ name, label, text: ended(lines) }));
    },
  };
}

/** Without the empty line that is printed before the next mark. */
const ended = (lines: readonly string[]): string =>
  (lines.at(-1) === '' ? lines.slice(0, -1) : lines).join('\n');

/** The text of the first section of a name; empty when the host did not print it. */
export const sectionText = (sections: readonly Section[], name: string): string =>
  sections.find((section) => section.name === name)?.text ?? '';

/** The text of each section by its name; of several with one name the first. */
export function sectionMap(sections: readonly Section[]): ReadonlyMap<string, string> {
  return new Map(sections.toReversed().map(({ name, text }) => [name, text]));
}

/** Files by path, out of what head(1) prints for several. */
export function readFiles(text: string | undefined): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const part of (text ?? '').split(/^==> (?=\/)/m).slice(1)) {
    const end = part.indexOf(' <==\n');
    if (end > 0 && end < 1_000) files.set(part.slice(0, end), part.slice(end + 5));
  }
  return files;
}
