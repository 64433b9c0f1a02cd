import { stat, statfs } from 'node:fs/promises';
import { formatBytes } from '@flotilla/core';
import type { Finding, Probe } from './finding.ts';

const LITTLE = 512 * 1024 * 1024;
const TOO_LITTLE = 64 * 1024 * 1024;

/** How much space is enough for runs, output and audit rows. */
export function spaceFinding(free: number, path: string): Omit<Finding, 'area'> {
  const facts = { freeBytes: free };
  const finding = `${formatBytes(free)} free on the disk of ${path}`;
  if (free >= LITTLE) return { status: 'ok', finding, facts };
  const remedy = 'Free disk space: runs, output and audit rows are written here.';
  return { status: free < TOO_LITTLE ? 'fail' : 'warn', finding, remedy, facts };
}

/** Only this user may read the data folder, it is on a disk with space, and it is ours. */
export function dataFolderProbe(path: string, uid: number | undefined = process.getuid?.()): Probe {
  return {
    area: 'data folder',
    look: async () => {
      const [folder, disk] = await Promise.all([stat(path), statfs(path)]);
      const mode = folder.mode & 0o777;
      const facts = { path, mode: mode.toString(8).padStart(4, '0'), owner: folder.uid };
      const found: Omit<Finding, 'area'>[] = [];
      if ((mode & 0o077) !== 0) {
        found.push({
          status: 'fail',
          finding: `${path} can be read by other users (mode ${facts.mode})`,
          remedy: `chmod 700 ${path}`,
          facts,
        });
      } else if (uid !== undefined && folder.uid !== uid) {
        found.push({
          status: 'warn',
          finding: `${path} belongs to user id ${folder.uid}, Flotilla runs as ${uid}`,
          remedy: `chown -R ${uid} ${path}`,
          facts,
        });
      } else found.push({ status: 'ok', finding: `${path}, mode ${facts.mode}`, facts });
      return [...found, spaceFinding(disk.bavail * disk.bsize, path)];
    },
  };
}
