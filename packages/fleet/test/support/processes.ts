import { readdirSync, readFileSync } from 'node:fs';

/** How many processes of this machine have this argument. */
export function runningWith(argument: string): number {
  return readdirSync('/proc').filter((name) => {
    try {
      return (
        /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').includes(argument)
      );
    } catch {
      return false;
    }
  }).length;
}
