import { hash } from 'node:crypto';
import { closeSync, constants, fchmodSync, futimesSync, openSync, renameSync, writeSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { posix } from 'node:path';
import { localError } from '../local/local-error.ts';
import type { LocalFolder } from '../local/local-folder.ts';
import { joinPath, pathText } from '../paths.ts';
import { diskFull, folderInTheWay, isFatal, notTheSame } from './faults.ts';
import type { PlannedFile } from './plan.ts';
import { receiveTar } from './receive-tar.ts';
import { stagingName } from './staging.ts';
import { sumsOnHost } from './sums-on-host.ts';
import type { TransferHost } from './transfer-host.ts';
import type { Downloading } from './under-way.ts';

export interface DownloadBatch extends Downloading {
  files: readonly PlannedFile[];
}

interface Received {
  file: PlannedFile;
  name: string;
  sha256: string;
}

/**
 * Many small files by tar: into a staging folder, compared with the host's sums, then renamed to their places.
 * Answers with the files that did not come this way.
 */
export async function downloadBatch(host: TransferHost, batch: DownloadBatch): Promise<PlannedFile[]> {
  const { root, tree, files, tally } = batch;
  const summing = sumsOnHost(
    host,
    root,
    files.map((file) => file.relative),
  );
  summing.catch(() => {});
  const name = stagingName(tree.root.path, files[0]?.target ?? '');
  await rm(tree.root.at(name), { recursive: true, force: true });
  await mkdir(tree.root.at(name), { mode: 0o700 });
  const staging = await tree.root.child(name, 'write');
  const received = new Map<PlannedFile, Received>();
  try {
    await receiveTar(host, root, files, (file, content) => {
      const staged = String(received.size);
      writeStaged(staging, staged, file, content);
      received.set(file, { file, name: staged, sha256: hash('sha256', content, 'hex') });
      tally.moved(content.length, () => pathText(Buffer.from(file.relative, 'latin1')));
    });
    const sums = await summing;
    if (!sums) tally.note(`${host.alias} has no sha256 program: small files were checked by SSH only.`);
    for (const entry of received.values()) await commit(batch, staging, entry, sums);
    return files.filter((file) => !received.has(file));
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code;
    if (errno !== 'ENOSPC' && errno !== 'EDQUOT') throw error;
    throw diskFull("Flotilla's own machine", pathText(Buffer.from(tree.root.path, 'latin1')), error);
  } finally {
    await staging.close();
    await rm(tree.root.at(name), { recursive: true, force: true }).catch(() => {});
  }
}

/** Synchronous calls: for a few KiB they take less than handing them to another thread. */
function writeStaged(staging: LocalFolder, name: string, file: PlannedFile, content: Buffer): void {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  // The staging folder is ours alone, so the file can have its mode from the start, where the umask allows.
  const exact = (file.mode & process.umask()) === 0;
  const mode = exact ? file.mode : 0o600;
  const fd = openSync(staging.at(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  try {
    for (let at = 0; at < content.length; ) at += writeSync(fd, content, at, content.length - at);
    if (!exact) fchmodSync(fd, file.mode);
    futimesSync(fd, file.mtime, file.mtime);
  } finally {
    closeSync(fd);
  }
}

async function commit(
  { root, tree, roots, tally, pair }: DownloadBatch,
  staging: LocalFolder,
  { file, name, sha256 }: Received,
  sums: Map<string, string> | undefined,
): Promise<void> {
  const path = posix.join(tree.root.path, file.target);
  const target = posix.basename(file.target);
  try {
    if (sums && sums.get(file.relative) !== sha256) throw notTheSame();
    roots.check(path, 'write');
    await tree.within(
      posix.dirname(file.target),
      (folder) => {
        renameSync(staging.at(name), folder.at(target));
      },
      true,
    );
    tally.file(pair, { bytes: file.size, resumedBytes: 0, sha256, verified: sums !== undefined });
  } catch (error) {
    if (isFatal(error)) throw error;
    const inTheWay = (error as NodeJS.ErrnoException).code === 'EISDIR';
    const fault = inTheWay ? folderInTheWay() : localError(error, path, 'Writing');
    tally.fault(joinPath(root, Buffer.from(file.relative, 'latin1')), fault);
  }
}
