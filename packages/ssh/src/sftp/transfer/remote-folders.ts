import { FlotillaError, type TransferredPair } from '@flotilla/core';
import { makeDirectories } from '../directory.ts';
import { fileError } from '../map-error.ts';
import { joinPath } from '../paths.ts';
import { fileType } from '../protocol/attrs.ts';
import { absent } from '../status-meaning.ts';
import { missingParents } from './batches.ts';
import { isFatal } from './faults.ts';
import { parallel } from './parallel.ts';
import type { PlannedFolder } from './plan.ts';
import type { Tally } from './tally.ts';
import type { TransferHost } from './transfer-host.ts';
import type { Source } from './upload-source.ts';

const IN_FLIGHT = 128;

export interface MadeFolders {
  rootExisted: boolean;
  /** Only the ones that were made here get mode and time: an existing folder stays as it is. */
  made: { path: Buffer; mode: number; mtime: number }[];
}

/** Makes the target folder of a pair and everything below it that its files need. */
export async function makeFolders(
  host: TransferHost,
  root: Buffer,
  source: Source<unknown>,
  { tally, pair }: { tally: Tally; pair: TransferredPair },
): Promise<MadeFolders> {
  const { client } = host;
  const { plan } = source;
  const there = await host.ahead.get('stat', root);
  const rootExisted = there !== undefined && fileType(there.mode) === 'directory';
  const made: MadeFolders['made'] = [];
  if (!rootExisted) {
    await makeDirectories(client, root);
    if (source.kind === 'folder') {
      made.push({ path: root, mode: source.mode, mtime: source.mtime });
      pair.folders++;
    }
  }
  const extra = missingParents([...plan.files, ...plan.links, ...plan.folders], plan.folders);
  const wanted: (PlannedFolder | { target: string })[] = [
    ...extra.map((target) => ({ target })),
    ...plan.folders,
  ];
  // A server answers in order, so a parent's request before its child's is enough.
  await parallel(wanted, IN_FLIGHT, async (folder) => {
    const path = joinPath(root, Buffer.from(folder.target, 'latin1'));
    try {
      if (!(await makeOne(host, path))) return;
      pair.folders++;
      if ('mode' in folder) made.push({ path, mode: folder.mode, mtime: folder.mtime });
    } catch (error) {
      if (isFatal(error)) throw error;
      tally.fault(path, fileError(error, { alias: host.alias, path, doing: 'Making the folder' }));
    }
  });
  return { rootExisted, made };
}

async function makeOne(host: TransferHost, path: Buffer): Promise<boolean> {
  try {
    await host.client.mkdir(path, 0o755);
    return true;
  } catch (error) {
    const there = await host.client.stat(path).catch(absent);
    if (there && fileType(there.mode) === 'directory') return false;
    if (!there) throw error;
    throw new FlotillaError('ALREADY_EXISTS', 'A file is in the way of the folder.');
  }
}

/** Mode and time of new folders, after everything in them: the deepest first. */
export async function finishFolders(host: TransferHost, { made }: MadeFolders): Promise<void> {
  const deepest = [...made].sort((a, b) => b.path.length - a.path.length);
  await parallel(deepest, IN_FLIGHT, ({ path, mode, mtime }) =>
    host.client.setstat(path, mtime > 0 ? { mode, mtime } : { mode }),
  );
}
