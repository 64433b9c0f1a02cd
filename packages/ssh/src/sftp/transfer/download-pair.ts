import { lstat } from 'node:fs/promises';
import { posix } from 'node:path';
import type { TransferPair } from '@flotilla/core';
import { localError } from '../local/local-error.ts';
import { LocalFolder } from '../local/local-folder.ts';
import { type LocalRoots, toBytes } from '../local/local-roots.ts';
import { LocalTree } from '../local/local-tree.ts';
import { fileError } from '../map-error.ts';
import { joinPath } from '../paths.ts';
import { splitBySize } from './batches.ts';
import { downloadBatch } from './download-batch.ts';
import { downloadFile } from './download-file.ts';
import { remoteSource } from './download-source.ts';
import { isFatal } from './faults.ts';
import { downloadLinks, finishLocalFolders, makeLocalFolders } from './local-folders.ts';
import { parallel } from './parallel.ts';
import type { PlannedFile } from './plan.ts';
import { meansContents, namesFolder } from './targets.ts';
import type { TransferHost } from './transfer-host.ts';
import { skipUnchangedDownloads } from './unchanged.ts';
import type { Downloading, MovePair } from './under-way.ts';
import type { Source } from './upload-source.ts';

/** Files that are received at the same time; each has its own requests in flight. */
const FILES = 4;

export const downloadPair: MovePair = async (host, roots, asked, { tally, pair }) => {
  const source = await remoteSource(host, asked.remote);
  tally.expect(source.plan.files);
  for (const fault of source.plan.faults) {
    tally.fault(joinPath(source.where, Buffer.from(fault.relative, 'latin1')), fault.error);
  }
  const place = await placeHere(roots, asked, source);
  const existed = await exists(place);
  const tree = new LocalTree(await LocalFolder.make(roots, place), 'write');
  try {
    const downloading = { root: source.where, tree, roots, tally, pair };
    if (!existed && source.kind === 'folder') pair.folders++;
    const made = await makeLocalFolders(downloading, source.plan);
    await downloadFiles(host, downloading, source.plan.files, existed);
    await downloadLinks(downloading, source.plan.links);
    const root = { relative: '.', target: '.', mode: source.mode, mtime: source.mtime };
    await finishLocalFolders(tree, existed || source.kind !== 'folder' ? made : [root, ...made]);
  } finally {
    await tree.close();
  }
};

/** The real folder that the plan's targets start at. Renames the single file of a plan to what the target says. */
async function placeHere(roots: LocalRoots, asked: TransferPair, source: Source<Buffer>): Promise<string> {
  const into = asked.local === '' || namesFolder(asked.local);
  const target = await roots.locate(asked.local === '' ? '.' : asked.local, 'write');
  if (source.kind === 'pattern') return target;
  if (source.kind === 'folder') {
    if (!into || meansContents(asked.remote)) return target;
    const place = posix.join(target, source.name);
    roots.check(place, 'write');
    return place;
  }
  const isFolder = await lstat(toBytes(target)).then(
    (stat) => stat.isDirectory(),
    () => false,
  );
  if (into || isFolder) return target;
  for (const file of source.plan.files) file.target = posix.basename(target);
  return posix.dirname(target);
}

async function downloadFiles(
  host: TransferHost,
  downloading: Downloading,
  all: readonly PlannedFile[],
  existed: boolean,
): Promise<void> {
  const files = existed ? await skipUnchangedDownloads(host, downloading, all) : all;
  const { tar } = await host.capabilities();
  const { batches, single } = tar ? splitBySize(files) : { batches: [], single: files };
  const left: PlannedFile[] = [...single];
  for (const batch of batches) left.push(...(await downloadBatch(host, { ...downloading, files: batch })));
  // Without tar, round trips rather than bytes are what small files cost: more of them at the same time.
  await parallel(left, tar ? FILES : 4 * FILES, (file) => downloadOne(host, downloading, file));
}

async function downloadOne(
  host: TransferHost,
  { root, tree, roots, tally, pair }: Downloading,
  file: PlannedFile,
): Promise<void> {
  const path = joinPath(root, Buffer.from(file.relative, 'latin1'));
  const shown = path.toString();
  const here = posix.join(tree.root.path, file.target);
  try {
    roots.check(here, 'write');
    const result = await tree.within(
      posix.dirname(file.target),
      (folder) =>
        downloadFile(host, path, { folder, name: posix.basename(file.target) }, ({ length }) =>
          tally.moved(length, () => shown),
        ),
      true,
    );
    tally.fileAlone(pair, result);
  } catch (error) {
    if (isFatal(error)) throw error;
    const local = (error as NodeJS.ErrnoException).syscall !== undefined;
    const fault = local
      ? localError(error, here, 'Writing')
      : fileError(error, { alias: host.alias, path, doing: 'Reading' });
    tally.fault(path, fault);
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(toBytes(path)).then(
    () => true,
    () => false,
  );
}
