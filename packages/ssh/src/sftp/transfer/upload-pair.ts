import { posix } from 'node:path';
import type { TransferPair } from '@flotilla/core';
import type { LocalTree } from '../local/local-tree.ts';
import { fileError } from '../map-error.ts';
import { baseName, joinPath, parentPath } from '../paths.ts';
import { type Attrs, fileType } from '../protocol/attrs.ts';
import { remotePath } from '../remote-path.ts';
import { splitBySize } from './batches.ts';
import { isFatal } from './faults.ts';
import { parallel } from './parallel.ts';
import { partPath } from './part-name.ts';
import type { PlannedFile } from './plan.ts';
import { finishFolders, makeFolders } from './remote-folders.ts';
import { uploadLinks } from './remote-links.ts';
import { meansContents, namesFolder } from './targets.ts';
import type { TransferHost } from './transfer-host.ts';
import { skipUnchangedUploads } from './unchanged.ts';
import type { MovePair, Uploading } from './under-way.ts';
import { uploadBatch } from './upload-batch.ts';
import { uploadFile } from './upload-file.ts';
import { localSource, type Source } from './upload-source.ts';

/** Files that are sent at the same time; each has its own requests in flight. */
const FILES = 4;
const LSTATS = 1024;

export const uploadPair: MovePair = async (host, roots, asked, { tally, pair }) => {
  const source = await localSource(roots, asked.local, host.signal);
  try {
    tally.expect(source.plan.files);
    const root = await placeOnHost(host, asked, source);
    const uploading = { tree: source.where, root, tally, pair };
    for (const fault of source.plan.faults) {
      tally.fault(Buffer.from(posix.join(source.where.root.path, fault.relative), 'latin1'), fault.error);
    }
    const folders = await makeFolders(host, root, source, { tally, pair });
    await uploadFiles(host, uploading, source.plan.files, folders.rootExisted);
    await uploadLinks(host, uploading, source.plan.links);
    await finishFolders(host, folders);
  } finally {
    await source.where.close();
  }
};

/** The folder that the plan's targets start at. Renames the single file of a plan to what the target says. */
async function placeOnHost(
  host: TransferHost,
  asked: TransferPair,
  source: Source<LocalTree>,
): Promise<Buffer> {
  const target = remotePath(asked.remote);
  const into = namesFolder(asked.remote);
  if (source.kind === 'pattern') return target;
  if (source.kind === 'folder') {
    return into && !meansContents(asked.local)
      ? joinPath(target, Buffer.from(source.name, 'latin1'))
      : target;
  }
  if (!into) askAhead(host, target);
  const existing = into ? undefined : await host.ahead.get('stat', target);
  if (into || (existing && fileType(existing.mode) === 'directory')) return target;
  for (const file of source.plan.files) file.target = baseName(target).toString('latin1');
  return parentPath(target);
}

/** Everything that is going to be asked about a single file's target, in one round trip. */
function askAhead(host: TransferHost, target: Uint8Array): void {
  host.ahead.ask('stat', target);
  host.ahead.ask('stat', parentPath(target));
  host.ahead.ask('lstat', target);
  host.ahead.ask('lstat', partPath(target));
}

async function uploadFiles(
  host: TransferHost,
  uploading: Uploading,
  all: readonly PlannedFile[],
  rootExisted: boolean,
): Promise<void> {
  const existing = new Map<string, Attrs>();
  if (rootExisted) {
    await parallel(all, LSTATS, async (file) => {
      const path = joinPath(uploading.root, Buffer.from(file.target, 'latin1'));
      const attrs = await host.ahead.get('lstat', path).catch(() => undefined);
      if (attrs) existing.set(file.target, attrs);
    });
  }
  const files = await skipUnchangedUploads(host, uploading, all, existing);
  const { batches, single } = splitBySize(files);
  for (const batch of batches) await uploadBatch(host, { ...uploading, files: batch, existing });
  await parallel(single, FILES, (file) => uploadOne(host, uploading, file, existing.get(file.target)));
}

async function uploadOne(
  host: TransferHost,
  { tree, root, tally, pair }: Uploading,
  file: PlannedFile,
  existing: Attrs | undefined,
): Promise<void> {
  const path = joinPath(root, Buffer.from(file.target, 'latin1'));
  const shown = Buffer.from(posix.join(tree.root.path, file.relative), 'latin1').toString();
  try {
    const result = await tree.within(posix.dirname(file.relative), async (folder) => {
      const source = await folder.openFile(posix.basename(file.relative));
      try {
        return await uploadFile(host, source, { path, existing }, ({ length }) =>
          tally.moved(length, () => shown),
        );
      } finally {
        await source.close();
      }
    });
    tally.fileAlone(pair, result);
  } catch (error) {
    if (isFatal(error)) throw error;
    tally.fault(path, fileError(error, { alias: host.alias, path, doing: 'Writing' }));
  }
}
