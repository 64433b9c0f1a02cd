import { readlinkSync, type Stats } from 'node:fs';
import { posix } from 'node:path';
import { FlotillaError } from '@flotilla/core';
import { localError } from '../local/local-error.ts';
import type { LocalTree } from '../local/local-tree.ts';
import { type Selection, shownPath } from './pattern.ts';
import { emptyPlan, type Plan } from './plan.ts';

const MAX_DEPTH = 200;

/** Everything wanted below a local folder. Symlinks are planned as symlinks; pipes, sockets and devices are faults. */
export async function walkLocal(
  tree: LocalTree,
  options: { selection: Selection; signal: AbortSignal; isForbidden(path: string): boolean },
): Promise<Plan> {
  const { selection, signal, isForbidden } = options;
  const plan = emptyPlan();
  const visit = async (folder: string, depth: number): Promise<void> => {
    signal.throwIfAborted();
    if (depth > MAX_DEPTH) throw tooDeep();
    for (const { name, stat } of await tree.entries(folder)) {
      const path = posix.join(folder, name);
      try {
        if (isForbidden(posix.join(tree.root.path, path))) continue;
        const shown = shownPath(path);
        const selected = selection.selects(shown);
        if (stat.isDirectory()) {
          if (selected) plan.folders.push({ relative: path, target: path, ...attributes(stat) });
          if (selection.enters(shown)) await visit(path, depth + 1);
        } else if (!selected) continue;
        else if (stat.isFile()) {
          plan.files.push({ relative: path, target: path, size: stat.size, ...attributes(stat) });
        } else if (stat.isSymbolicLink()) {
          const content = await tree.within(folder, (open) =>
            readlinkSync(open.at(name), { encoding: 'buffer' }).toString('latin1'),
          );
          plan.links.push({ relative: path, target: path, content });
        } else plan.faults.push({ relative: path, error: special() });
      } catch (error) {
        signal.throwIfAborted();
        plan.faults.push({
          relative: path,
          error: localError(error, posix.join(tree.root.path, path), 'Reading'),
        });
      }
    }
  };
  await visit('.', 0);
  return plan;
}

export const attributes = (stat: Stats): { mode: number; mtime: number } => ({
  mode: stat.mode & 0o777,
  mtime: Math.floor(stat.mtimeMs / 1000),
});

export const special = (): FlotillaError =>
  new FlotillaError('UNSUPPORTED', 'Pipes, sockets and devices are not transferred.');

export const tooDeep = (): FlotillaError =>
  new FlotillaError('UNSUPPORTED', `Folders are nested more than ${MAX_DEPTH} deep.`);
