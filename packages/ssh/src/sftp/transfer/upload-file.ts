import type { FileHandle } from 'node:fs/promises';
import { FlotillaError } from '@flotilla/core';
import { parentPath, pathText } from '../paths.ts';
import { type Attrs, fileType } from '../protocol/attrs.ts';
import { OPEN, SftpClosedError } from '../protocol/codes.ts';
import type { Handle, SftpClient } from '../protocol/sftp-client.ts';
import { absent, isDiskFull } from '../status-meaning.ts';
import { replace } from '../write-atomic.ts';
import { changedMeanwhile, diskFull, folderInTheWay, notTheSame } from './faults.ts';
import { followingHash, hashOf } from './following-hash.ts';
import { followOnHost, type HostFollower } from './host-follower.ts';
import { partPath } from './part-name.ts';
import { Ranges } from './ranges.ts';
import { hashByReading, hashOnHost } from './remote-hash.ts';
import { type FileResult, type OnBytes, RESUMABLE, verifiedPrefix } from './resume.ts';
import { sendRanges } from './send-ranges.ts';
import type { TransferHost } from './transfer-host.ts';

/**
 * One local file onto the host: into a temporary file beside the target, from where an interrupted transfer
 * left off, fsync, mode and time, sha256 of both ends, rename. The owner of an existing target is kept
 * where the login may.
 */
export async function uploadFile(
  host: TransferHost,
  source: FileHandle,
  { path, existing: found }: { path: Uint8Array; existing: Attrs | undefined },
  onBytes: OnBytes,
): Promise<FileResult> {
  const { client } = host;
  const stat = await source.stat();
  const { target, existing } = await throughLink(client, path, found);
  const part = partPath(target);
  const start = await resumeAt(host, source, part, stat.size);
  if (start > 0) onBytes({ length: start });
  const hash = followingHash(source, stat.size);
  hash.upTo(stat.size);
  let follower: HostFollower | undefined;
  const ranges = new Ranges(stat.size, client.limits.writeLength, start, (offset) => follower?.upTo(offset));
  try {
    const first = await (start === 0 ? client.create(part, 0o600) : client.open(part, OPEN.WRITE));
    follower = followOnHost(host, part);
    follower.upTo(start);
    await sendAndSettle(host, source, part, { first, ranges, onBytes }, { stat, existing });
    const now = await source.stat();
    if (now.size !== stat.size || now.mtimeMs !== stat.mtimeMs) throw changedMeanwhile();
    const sha256 = await hash.digest();
    const there = (await follower.finish()) ?? (await hashByReading(client, part, host.signal));
    if (there !== sha256) throw notTheSame();
    await replace(client, part, target);
    return { bytes: stat.size, resumedBytes: start, sha256, verified: true };
  } catch (error) {
    hash.stop();
    await follower?.stop();
    throw await afterFailure(host, part, ranges.contiguous, error);
  }
}

/** Everything written, then owner, mode, time, fsync and close in one round trip: a server answers in order. */
async function sendAndSettle(
  host: TransferHost,
  source: FileHandle,
  part: Uint8Array,
  sending: { first: Handle; ranges: Ranges; onBytes: OnBytes },
  { stat, existing }: { stat: { mode: number; mtimeMs: number }; existing: Attrs | undefined },
): Promise<void> {
  const { client } = host;
  const { first } = sending;
  let settled: Promise<unknown> | undefined;
  try {
    await sendRanges(host, source, part, sending);
    const { uid, gid } = existing ?? {};
    const owner = uid !== undefined && gid !== undefined ? client.fsetstat(first, { uid, gid }) : undefined;
    const mtime = Math.floor(stat.mtimeMs / 1000);
    settled = Promise.all([
      owner?.catch(() => {}),
      client.fsetstat(first, { mode: stat.mode & 0o777, mtime }),
      client.fsync(first),
    ]);
  } finally {
    const closed = client.close(first).catch(() => {});
    await settled?.finally(() => closed);
    await closed;
  }
}

/** What is to be replaced: a symlink's target rather than the symlink. */
async function throughLink(
  client: SftpClient,
  path: Uint8Array,
  existing: Attrs | undefined,
): Promise<{ target: Buffer; existing: Attrs | undefined }> {
  const type = existing && fileType(existing.mode);
  if (type === 'directory') throw folderInTheWay(path);
  if (type !== 'symlink') return { target: Buffer.from(path), existing };
  const target = await client.realpath(path);
  return { target, existing: await client.lstat(target).catch(absent) };
}

async function resumeAt(
  host: TransferHost,
  source: FileHandle,
  part: Uint8Array,
  size: number,
): Promise<number> {
  const { client } = host;
  const left = await host.ahead.get('lstat', part);
  if (!left) return 0;
  const usable = fileType(left.mode) === 'file' && size >= RESUMABLE && (left.size ?? 0) >= RESUMABLE;
  const good = usable
    ? await verifiedPrefix(left.size ?? 0, size, async (length) => {
        const there = await hashOnHost(host, part, length);
        return there !== undefined && there === (await hashOf(source, length));
      })
    : 0;
  if (good === 0) await client.remove(part);
  else await client.setstat(part, { size: good });
  return good;
}

/** Keeps what can be resumed, cut to what is complete; removes everything else. Returns the error to throw. */
async function afterFailure(
  host: TransferHost,
  part: Uint8Array,
  complete: number,
  error: unknown,
): Promise<unknown> {
  const { client } = host;
  if (error instanceof SftpClosedError) return error;
  const full = await isDiskFull(error, client, parentPath(part));
  const wrong = error instanceof FlotillaError && error.code === 'TRANSFER_FAILED';
  const keep = !full && !wrong && complete >= RESUMABLE;
  if (keep) await client.setstat(part, { size: complete }).catch(() => {});
  else await client.remove(part).catch(() => {});
  if (full) return diskFull(host.alias, pathText(part), error);
  if (keep && host.signal.aborted) {
    return new FlotillaError(
      'CANCELLED',
      'The transfer was cancelled; what was sent is kept to resume from.',
      {
        details: { kept: pathText(part), bytes: complete },
      },
    );
  }
  return error;
}
