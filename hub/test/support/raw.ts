import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Backend } from '../../src/backend/backend.ts';
import type { RemoteBackendOptions } from '../../src/backend/remote.ts';
import { remote } from './hub.ts';
import { fixturePath } from './processes.ts';

/** A stdio mount of the SDK-free server in one of its modes. */
export function rawMount(
  name: string,
  mode: string,
  options: Partial<RemoteBackendOptions> & { notes?: string } = {},
): Backend {
  const { notes, ...rest } = options;
  const args = [fixturePath('raw-server.mjs'), mode, ...(notes === undefined ? [] : [notes])];
  return remote({ name, target: { kind: 'stdio', command: process.execPath, args, env: {} }, ...rest });
}

export interface Notes {
  path: string;
  read(): string;
  /** Process ids of all starts so far. */
  pids(): number[];
}

export function notesIn(folder: string, name: string): Notes {
  const path = join(folder, name);
  const read = (): string => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return '';
    }
  };
  return { path, read, pids: () => [...read().matchAll(/^pid (\d+)$/gm)].map(([, pid]) => Number(pid)) };
}
