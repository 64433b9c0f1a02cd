import { constants } from 'node:fs';
import { type FileHandle, lstat, open, rename, unlink } from 'node:fs/promises';
import { posix } from 'node:path';
import { FlotillaError, isFlotillaError } from '@flotilla/core';
import { localError } from '../local/local-error.ts';
import type { LocalFolder } from '../local/local-folder.ts';
import { toText } from '../local/local-roots.ts';
import { pathText } from '../paths.ts';
import { type Attrs, fileType } from '../protocol/attrs.ts';
import { OPEN, SftpClosedError } from '../protocol/codes.ts';
import type { Handle, SftpClient } from '../protocol/sftp-client.ts';
import { changedMeanwhile, diskFull, folderInTheWay, notTheSame } from './faults.ts';
import { followingHash, hashOf } from './following-hash.ts';
import { partName } from './part-name.ts';
import { Ranges } from './ranges.ts';
import { receiveRanges } from './receive-ranges.ts';
import { hashByReading, hashOnHost } from './remote-hash.ts';
import { type FileResult, type OnBytes, RESUMABLE, verifiedPrefix } from './resume.ts';
import type { TransferHost } from './transfer-host.ts';

const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;

/** Where a download goes: a folder held open and a plain name in it. */
export interface LocalTarget {
  folder: LocalFolder;
  name: string;
}

/** One remote file to this machine; the counterpart of uploadFile. */
export async function downloadFile(
  host: TransferHost,
  path: Uint8Array,
  target: LocalTarget,
  onBytes: OnBytes,
): Promise<FileResult> {
  const { client } = host;
  await refuseFolder(target);
  const { attrs, handle } = await openSource(client, path);
  const size = attrs.size ?? 0;
  // Reading it on the host at the same time costs nothing here; the file must not change anyway.
  const there = size > 0 ? hashOnHost(host, path) : Promise.resolve(undefined);
  there.catch(() => {});
  const part = target.folder.at(partName(Buffer.from(target.name, 'latin1')).toString('latin1'));
  let ranges = new Ranges(0, 1);
  let file: FileHandle | undefined;
  try {
    const start = await resumeAt(host, path, part, size);
    if (start > 0) onBytes({ length: start });
    file = await open(part, start > 0 ? O_RDWR | O_NOFOLLOW : O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    const hash = followingHash(file, size);
    if (start > 0) hash.upTo(start);
    ranges = new Ranges(size, client.limits.readLength, start, (offset) => hash.upTo(offset));
    let received: { bytes: number; sha256: string };
    try {
      received =
        size > 0
          ? await receiveSized(host, path, handle, { file, ranges, onBytes, digest: () => hash.digest() })
          : await receiveToEnd(host, handle, file, onBytes);
    } catch (error) {
      hash.stop();
      throw error;
    }
    await unchanged(client, handle, attrs);
    const verified = await sameAs(host, path, received, size, there);
    await file.chmod((attrs.mode ?? 0o644) & 0o777);
    const mtime = attrs.mtime ?? Math.floor(Date.now() / 1000);
    await file.utimes(mtime, mtime);
    await file.sync();
    await rename(part, target.folder.at(target.name));
    return { bytes: received.bytes, resumedBytes: start, sha256: received.sha256, verified };
  } catch (error) {
    throw await afterFailure(host, { file, part, target }, ranges.contiguous, error);
  } finally {
    void client.close(handle).catch(() => {});
    await file?.close();
  }
}

/** Opened and looked at in one round trip; what it was a moment ago, when the plan was made, is a regular file. */
async function openSource(client: SftpClient, path: Uint8Array): Promise<{ attrs: Attrs; handle: Handle }> {
  const [looked, opened] = await Promise.allSettled([client.stat(path), client.open(path, OPEN.READ)]);
  const type = looked.status === 'fulfilled' ? fileType(looked.value.mode) : 'unknown';
  if (looked.status === 'fulfilled' && opened.status === 'fulfilled' && type === 'file') {
    return { attrs: looked.value, handle: opened.value };
  }
  if (opened.status === 'fulfilled') await client.close(opened.value).catch(() => {});
  if (looked.status === 'rejected') throw looked.reason;
  if (opened.status === 'rejected') throw opened.reason;
  throw new FlotillaError('INVALID_INPUT', `It is a ${type}, not a file.`, {
    details: { path: pathText(path) },
  });
}

async function refuseFolder(target: LocalTarget): Promise<void> {
  const existing = await lstat(target.folder.at(target.name)).catch(() => undefined);
  if (!existing?.isDirectory()) return;
  throw folderInTheWay();
}

async function receiveSized(
  host: TransferHost,
  path: Uint8Array,
  first: Handle,
  to: { file: FileHandle; ranges: Ranges; onBytes: OnBytes; digest(): Promise<string> },
): Promise<{ bytes: number; sha256: string }> {
  await receiveRanges(host, path, { first, ...to });
  return { bytes: to.ranges.size, sha256: await to.digest() };
}

/** Files of /proc and /sys claim size 0: they are read one request after the other to their end. */
async function receiveToEnd(
  host: TransferHost,
  handle: Handle,
  file: FileHandle,
  onBytes: OnBytes,
): Promise<{ bytes: number; sha256: string }> {
  const buffer = Buffer.allocUnsafe(host.client.limits.readLength);
  let bytes = 0;
  for (;;) {
    host.signal.throwIfAborted();
    const count = await host.client.read(handle, bytes, buffer);
    if (count === 0) return { bytes, sha256: await hashOf(file, bytes) };
    await file.write(buffer, 0, count, bytes);
    bytes += count;
    onBytes({ length: count });
  }
}

async function unchanged(client: SftpClient, handle: Handle, before: Attrs): Promise<void> {
  const now = await client.fstat(handle);
  if (now.size !== before.size || now.mtime !== before.mtime) throw changedMeanwhile();
}

/** Pseudo files have no content to compare: they are made anew by each read. */
async function sameAs(
  host: TransferHost,
  path: Uint8Array,
  received: { bytes: number; sha256: string },
  size: number,
  onHost: Promise<string | undefined>,
): Promise<boolean> {
  if (size === 0) return received.bytes === 0;
  const there = (await onHost) ?? (await hashByReading(host.client, path, host.signal));
  if (there !== received.sha256) throw notTheSame();
  return true;
}

async function resumeAt(host: TransferHost, path: Uint8Array, part: Buffer, size: number): Promise<number> {
  const left = await lstat(part).catch(() => undefined);
  if (!left) return 0;
  if (!left.isFile() || left.nlink > 1 || left.size < RESUMABLE || size < RESUMABLE) {
    await unlink(part);
    return 0;
  }
  const file = await open(part, O_RDWR | O_NOFOLLOW);
  try {
    const good = await verifiedPrefix(left.size, size, async (length) => {
      const there = await hashOnHost(host, path, length);
      return there !== undefined && there === (await hashOf(file, length));
    });
    if (good > 0) await file.truncate(good);
    else await unlink(part);
    return good;
  } finally {
    await file.close();
  }
}

async function afterFailure(
  host: TransferHost,
  { file, part, target }: { file: FileHandle | undefined; part: Buffer; target: LocalTarget },
  complete: number,
  error: unknown,
): Promise<unknown> {
  const errno = (error as NodeJS.ErrnoException).code;
  const shown = toText(posix.join(target.folder.path, target.name));
  const full = errno === 'ENOSPC' || errno === 'EDQUOT';
  const ours = isFlotillaError(error) && error.code === 'TRANSFER_FAILED';
  const keep = file !== undefined && !full && !ours && complete >= RESUMABLE;
  if (keep) await file.truncate(complete).catch(() => {});
  else if (file) await unlink(part).catch(() => {});
  if (full) return diskFull("Flotilla's own machine", shown, error);
  if (keep && host.signal.aborted) {
    return new FlotillaError(
      'CANCELLED',
      'The transfer was cancelled; what arrived is kept to resume from.',
      {
        details: { kept: `${shown} (unfinished)`, bytes: complete },
      },
    );
  }
  const remote = error instanceof SftpClosedError || isFlotillaError(error) || errno === undefined;
  return remote ? error : localError(error, posix.join(target.folder.path, target.name), 'Writing');
}
