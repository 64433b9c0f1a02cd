import { readdirSync, readFileSync } from 'node:fs';

/** A process as /proc shows it. */
export interface ProcessEntry {
  pid: number;
  parent: number;
  /** Name of the program, at most 15 characters. */
  name: string;
  /** Its arguments, joined by spaces. */
  commandLine: string;
}

export function processes(): ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const end = stat.lastIndexOf(')');
        const fields = stat.slice(end + 2).split(' ');
        if (fields[0] === 'Z') return [];
        const commandLine = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        const program = stat.slice(stat.indexOf('(') + 1, end);
        return [{ pid: Number(name), parent: Number(fields[1]), name: program, commandLine }];
      } catch {
        return [];
      }
    });
}

/** Children and their children, as long as they run the program `name`. */
export function descendantsNamed(root: number, name: string): number[] {
  const all = processes();
  const found: number[] = [];
  const visit = (parent: number): void => {
    for (const entry of all) {
      if (entry.parent !== parent || entry.name !== name) continue;
      found.push(entry.pid);
      visit(entry.pid);
    }
  };
  visit(root);
  return found;
}
