import { readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { chmod, lstat, utimes } from 'node:fs/promises';
import { posix } from 'node:path';
import { localError } from '../local/local-error.ts';
import type { LocalTree } from '../local/local-tree.ts';
import { joinPath } from '../paths.ts';
import { folderInTheWay, isFatal } from './faults.ts';
import { partName } from './part-name.ts';
import type { Plan, PlannedFolder, PlannedLink } from './plan.ts';
import type { Downloading } from './under-way.ts';

/** Makes the folders of a plan; answers with the new ones. A folder that cannot be made is a fault. */
export async function makeLocalFolders(downloading: Downloading, plan: Plan): Promise<PlannedFolder[]> {
  const { tree, tally, root, pair } = downloading;
  const made: PlannedFolder[] = [];
  for (const folder of plan.folders) {
    const path = posix.join(tree.root.path, folder.target);
    try {
      const name = posix.basename(folder.target);
      const isNew = await tree.within(
        posix.dirname(folder.target),
        (parent) =>
          lstat(parent.at(name)).then(
            () => false,
            () => true,
          ),
        true,
      );
      await tree.within(folder.target, () => {}, true);
      if (!isNew) continue;
      made.push(folder);
      pair.folders++;
    } catch (error) {
      if (isFatal(error)) throw error;
      const remote = joinPath(root, Buffer.from(folder.relative, 'latin1'));
      tally.fault(remote, localError(error, path, 'Making the folder'));
    }
  }
  return made;
}

/** Mode and time of new folders, after everything in them: the deepest first. Always usable by their owner. */
export async function finishLocalFolders(tree: LocalTree, made: readonly PlannedFolder[]): Promise<void> {
  for (const { target, mode, mtime } of [...made].reverse()) {
    await tree
      .within(target, async (folder) => {
        await chmod(folder.self, (mode & 0o777) | 0o700);
        if (mtime > 0) await utimes(folder.self, mtime, mtime);
      })
      .catch(() => {});
  }
}

/** Symlinks arrive as symlinks with the same words in them; nothing here ever follows one. */
export async function downloadLinks(downloading: Downloading, links: readonly PlannedLink[]): Promise<void> {
  const { tree, roots, tally, root, pair } = downloading;
  for (const link of links) {
    const path = posix.join(tree.root.path, link.target);
    const name = posix.basename(link.target);
    try {
      roots.check(path, 'write');
      await tree.within(
        posix.dirname(link.target),
        async (folder) => {
          const content = Buffer.from(link.content, 'latin1');
          const there = await lstat(folder.at(name)).catch(() => undefined);
          if (there?.isDirectory()) throw folderInTheWay();
          if (
            there?.isSymbolicLink() &&
            readlinkSync(folder.at(name), { encoding: 'buffer' }).equals(content)
          )
            return;
          const part = folder.at(partName(Buffer.from(name, 'latin1')).toString('latin1'));
          rmSync(part, { force: true });
          symlinkSync(content, part);
          renameSync(part, folder.at(name));
        },
        true,
      );
      pair.symlinks++;
    } catch (error) {
      if (isFatal(error)) throw error;
      const remote = joinPath(root, Buffer.from(link.relative, 'latin1'));
      tally.fault(remote, localError(error, path, 'Linking'));
    }
  }
}
