import { hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { posix } from 'node:path';
import { FlotillaError } from '@flotilla/core';
import { localError } from '../local/local-error.ts';
import type { LocalTree } from '../local/local-tree.ts';
import { fileError } from '../map-error.ts';
import { joinPath, pathText } from '../paths.ts';
import { type Attrs, fileType } from '../protocol/attrs.ts';
import { SftpClosedError, SftpStatusError } from '../protocol/codes.ts';
import { isDiskFull } from '../status-meaning.ts';
import { replace } from '../write-atomic.ts';
import { changedMeanwhile, diskFull, folderInTheWay, isFatal, notTheSame } from './faults.ts';
import { parallel } from './parallel.ts';
import type { PlannedFile } from './plan.ts';
import { stageBySftp } from './stage-sftp.ts';
import { type StagedFile, stageByTar } from './stage-tar.ts';
import { removeStaging, stagingName } from './staging.ts';
import type { TransferHost } from './transfer-host.ts';
import type { Uploading } from './under-way.ts';

const RENAMES = 1024;

export interface UploadBatch extends Uploading {
  files: readonly PlannedFile[];
  /** What is at the targets now, by `target`. */
  existing: ReadonlyMap<string, Attrs>;
}

interface Staged {
  file: PlannedFile;
  sha256: string;
}

/** Many small files: all of them into a staging folder, verified there, then renamed to their places. */
export async function uploadBatch(host: TransferHost, batch: UploadBatch): Promise<void> {
  const { root, tally } = batch;
  const staging = joinPath(root, stagingName(root, batch.files[0]?.target ?? ''));
  const staged = new Map<string, Staged>();
  const { tar } = await host.capabilities();
  try {
    const stage = tar ? stageByTar : stageBySftp;
    const sums = await stage(host, staging, readAll(host, batch, staged));
    if (!sums)
      tally.note(`${host.alias} has no sha256 program: small files were checked by tar and SSH only.`);
    await commit(host, batch, { staging, staged, sums });
  } catch (error) {
    const full = await outOfSpace(host, error, root);
    throw full ? diskFull(host.alias, pathText(root), error) : error;
  } finally {
    // Empty once everything is in its place.
    await host.client.rmdir(staging).catch(() => removeStaging(host, staging).catch(() => {}));
  }
}

function* readAll(
  host: TransferHost,
  { tree, files, tally }: UploadBatch,
  staged: Map<string, Staged>,
): Generator<StagedFile> {
  for (const [index, file] of files.entries()) {
    const name = String(index);
    const { size, mode, mtime } = file;
    const fill = async (target: Buffer): Promise<boolean> => {
      host.signal.throwIfAborted();
      try {
        await readSmall(tree, file, target);
        staged.set(name, { file, sha256: hash('sha256', target, 'hex') });
        tally.moved(size, () => pathText(Buffer.from(file.relative, 'latin1')));
        return true;
      } catch (error) {
        tally.fault(Buffer.from(posix.join(tree.root.path, file.relative), 'latin1'), error);
        return false;
      }
    };
    yield { name, size, mode, mtime, fill };
  }
}

/** Synchronous calls: for a few KiB they take less than handing them to another thread. */
function readSmall(tree: LocalTree, file: PlannedFile, target: Buffer): Promise<void> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  return tree.within(posix.dirname(file.relative), (folder) => {
    const name = posix.basename(file.relative);
    try {
      const fd = openSync(folder.at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      try {
        const stat = fstatSync(fd);
        if (!stat.isFile() || stat.size !== file.size) throw changedMeanwhile();
        for (let got = 0; got < file.size; ) {
          const count = readSync(fd, target, got, file.size - got, got);
          if (count === 0) throw changedMeanwhile();
          got += count;
        }
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      throw localError(error, posix.join(folder.path, name), 'Reading');
    }
  });
}

async function commit(
  host: TransferHost,
  { root, existing, tally, pair }: UploadBatch,
  {
    staging,
    staged,
    sums,
  }: { staging: Uint8Array; staged: Map<string, Staged>; sums: Map<string, string> | undefined },
): Promise<void> {
  const { client } = host;
  const own = existing.size > 0 ? await client.stat(staging) : undefined;
  await parallel([...staged], RENAMES, async ([name, { file, sha256 }]) => {
    const target = joinPath(root, Buffer.from(file.target, 'latin1'));
    try {
      if (sums && sums.get(name) !== sha256) throw notTheSame();
      const from = joinPath(staging, name);
      const { uid, gid } = existing.get(file.target) ?? {};
      if (uid !== undefined && gid !== undefined && (uid !== own?.uid || gid !== own?.gid)) {
        await client.setstat(from, { uid, gid }).catch(() => {});
      }
      if (fileType(existing.get(file.target)?.mode) === 'directory') throw folderInTheWay();
      await replace(client, from, target);
      tally.file(pair, { bytes: file.size, resumedBytes: 0, sha256, verified: sums !== undefined });
    } catch (error) {
      if (isFatal(error)) throw error;
      tally.fault(target, fileError(error, { alias: host.alias, path: target, doing: 'Writing' }));
    }
  });
}

/** tar says why it failed in words of its own: the file system is asked as well. */
async function outOfSpace(host: TransferHost, error: unknown, root: Uint8Array): Promise<boolean> {
  if (error instanceof SftpClosedError || host.signal.aborted) return false;
  const failure = error instanceof FlotillaError ? new SftpStatusError(4, '') : error;
  return isDiskFull(failure, host.client, root).catch(() => false);
}
