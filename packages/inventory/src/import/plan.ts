import type { HostInput } from '../types.ts';

/** What an import found, before anything is stored. Holds secrets in clear: never shown as it is. */
export interface ImportPlan {
  /** What was read, e.g. `/home/me/.ssh/config`. */
  source: string;
  /** Bastions come before the hosts that go through them. */
  hosts: HostInput[];
  groups: { name: string; aliases: string[] }[];
  /** What cannot be imported. */
  problems: ImportRemark[];
  /** What is imported in another way than it was written. */
  warnings: ImportRemark[];
}

export interface ImportRemark {
  /** The alias, the group, or file and line. */
  where: string;
  what: string;
  /** A name that would fit. */
  suggestion?: string | undefined;
}

/** The files of this machine, as an import may see them. */
export interface ImportFiles {
  homedir: string;
  /** Login name of the person on this machine. */
  localUser: string;
  /** Undefined when it does not exist; throws when it cannot be read. */
  read(file: string): string | undefined;
  exists(file: string): boolean;
  /** Files that match a glob, sorted; absolute in and out. */
  glob(pattern: string): string[];
}
