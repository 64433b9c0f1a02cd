import { fileError } from '../map-error.ts';
import { joinPath } from '../paths.ts';
import { fileType } from '../protocol/attrs.ts';
import { absent } from '../status-meaning.ts';
import { replace } from '../write-atomic.ts';
import { folderInTheWay, isFatal } from './faults.ts';
import { parallel } from './parallel.ts';
import { partPath } from './part-name.ts';
import type { PlannedLink } from './plan.ts';
import type { TransferHost } from './transfer-host.ts';
import type { Uploading } from './under-way.ts';

const IN_FLIGHT = 64;

/** Symlinks arrive as symlinks with the same words in them, wherever these point. */
export async function uploadLinks(
  host: TransferHost,
  { root, tally, pair }: Uploading,
  links: readonly PlannedLink[],
): Promise<void> {
  const { client } = host;
  await parallel(links, IN_FLIGHT, async (link) => {
    const path = joinPath(root, Buffer.from(link.target, 'latin1'));
    const content = Buffer.from(link.content, 'latin1');
    try {
      const existing = await client.lstat(path).catch(absent);
      const type = existing && fileType(existing.mode);
      if (type === 'directory') throw folderInTheWay(path);
      if (type !== 'symlink' || !(await client.readlink(path)).equals(content)) {
        const part = partPath(path);
        await client.remove(part).catch(() => {});
        await client.symlink(content, part);
        await replace(client, part, path);
      }
      pair.symlinks++;
    } catch (error) {
      if (isFatal(error)) throw error;
      tally.fault(path, fileError(error, { alias: host.alias, path, doing: 'Linking' }));
    }
  });
}
