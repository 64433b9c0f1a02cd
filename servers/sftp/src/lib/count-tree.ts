import type { RemoteFiles } from '@flotilla/core';

const MAX_ENTRIES = 100_000;
const PARALLEL = 16;

export interface TreeCount {
  files: number;
  folders: number;
  bytes: number;
  incomplete?: boolean;
}

/** Everything below a folder, symlinks counted and not followed; gives up counting at 100,000 entries. */
export async function countTree(files: RemoteFiles, root: string, signal: AbortSignal): Promise<TreeCount> {
  const count: TreeCount = { files: 0, folders: 1, bytes: 0 };
  let waiting = [root];
  while (waiting.length > 0) {
    signal.throwIfAborted();
    const now = waiting.slice(0, PARALLEL);
    waiting = waiting.slice(PARALLEL);
    for (const entry of (await Promise.all(now.map((folder) => files.list(folder)))).flat()) {
      if (entry.type === 'directory') {
        count.folders++;
        waiting.push(entry.path);
      } else {
        count.files++;
        count.bytes += entry.type === 'file' ? entry.size : 0;
      }
    }
    if (count.files + count.folders > MAX_ENTRIES) return { ...count, incomplete: true };
  }
  return count;
}
