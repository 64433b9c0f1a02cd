import { lstatSync } from 'node:fs';
import { posix } from 'node:path';
import { joinPath } from '../paths.ts';
import { type Attrs, fileType } from '../protocol/attrs.ts';
import { hashOf } from './following-hash.ts';
import { parallel } from './parallel.ts';
import type { PlannedFile } from './plan.ts';
import { sumsOnHost } from './sums-on-host.ts';
import type { TransferHost } from './transfer-host.ts';
import type { Downloading, Uploading } from './under-way.ts';

const HASHES = 4;
const SETSTATS = 128;

/**
 * Drops the files whose copy has the same size, time and sha256: what a run that starts again after an
 * interruption had done already. Their mode is brought in line.
 */
export async function skipUnchangedUploads(
  host: TransferHost,
  { tree, root, tally, pair }: Uploading,
  files: readonly PlannedFile[],
  existing: ReadonlyMap<string, Attrs>,
): Promise<PlannedFile[]> {
  const alike = files.filter((file) => {
    const there = existing.get(file.target);
    return there && fileType(there.mode) === 'file' && there.size === file.size && there.mtime === file.mtime;
  });
  if (alike.length === 0) return [...files];
  const sums = await sumsOnHost(
    host,
    root,
    alike.map((file) => file.target),
  );
  const same = new Set<PlannedFile>();
  await parallel(alike, HASHES, async (file) => {
    const there = sums?.get(file.target);
    if (there === undefined) return;
    const here = await tree
      .within(posix.dirname(file.relative), async (folder) => {
        const handle = await folder.openFile(posix.basename(file.relative));
        return hashOf(handle, file.size).finally(() => handle.close());
      })
      .catch(() => undefined);
    if (here === there) same.add(file);
  });
  await parallel([...same], SETSTATS, async (file) => {
    tally.unchanged(pair, file.size);
    if (((existing.get(file.target)?.mode ?? 0) & 0o777) === file.mode) return;
    const path = joinPath(root, Buffer.from(file.target, 'latin1'));
    await host.client.setstat(path, { mode: file.mode }).catch(() => {});
  });
  return files.filter((file) => !same.has(file));
}

/** The same for files that are here already. */
export async function skipUnchangedDownloads(
  host: TransferHost,
  { root, tree, tally, pair }: Downloading,
  files: readonly PlannedFile[],
): Promise<PlannedFile[]> {
  const alike: PlannedFile[] = [];
  for (const file of files) {
    const there = await tree
      .within(posix.dirname(file.target), (folder) =>
        lstatSync(folder.at(posix.basename(file.target)), { throwIfNoEntry: false }),
      )
      .catch(() => undefined);
    const mtime = Math.floor((there?.mtimeMs ?? 0) / 1000);
    if (there?.isFile() && there.size === file.size && mtime === file.mtime) alike.push(file);
  }
  if (alike.length === 0) return [...files];
  const sums = await sumsOnHost(
    host,
    root,
    alike.map((file) => file.relative),
  );
  const same = new Set<PlannedFile>();
  await parallel(alike, HASHES, async (file) => {
    const there = sums?.get(file.relative);
    if (there === undefined) return;
    const here = await tree.within(posix.dirname(file.target), async (folder) => {
      const handle = await folder.openFile(posix.basename(file.target));
      return hashOf(handle, file.size).finally(() => handle.close());
    });
    if (here !== there) return;
    same.add(file);
    tally.unchanged(pair, file.size);
  });
  return files.filter((file) => !same.has(file));
}
