import type { Readable, Writable } from 'node:stream';

export type Output = Writable & { isTTY?: boolean; columns?: number };

/** Where this program lies and what runs it: what a client's config has to start. */
export interface Launch {
  /** Absolute path of the Node executable. */
  node: string;
  /** Absolute path of main.js, or of main.ts when run from source. */
  entry: string;
  /** Arguments that Node needs before the entry. */
  nodeArguments: readonly string[];
  /** Root of the repository, where bin/flotilla is. */
  root: string;
}

/** Everything the command line reads and writes; main.ts makes the real one. */
export interface World {
  argv: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  platform: NodeJS.Platform;
  stdin: Readable & { isTTY?: boolean };
  stdout: Output;
  stderr: Output;
  launch: Launch;
}
