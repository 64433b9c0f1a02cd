import type { FileHandle } from 'node:fs/promises';
import { OPEN } from '../protocol/codes.ts';
import type { Handle, SftpClient } from '../protocol/sftp-client.ts';
import { BufferPool } from './buffer-pool.ts';
import { changedMeanwhile } from './faults.ts';
import type { Range, Ranges } from './ranges.ts';
import type { OnBytes } from './resume.ts';
import type { TransferHost } from './transfer-host.ts';

/** Requests in flight per channel: twice the 2 MiB window, so that it is never idle. */
const IN_FLIGHT = 16;

/**
 * Writes the ranges over `first`, an open handle of the host's main session, and over every other lane that becomes
 * available. Settles when nothing is under way any more.
 */
export async function sendRanges(
  host: TransferHost,
  source: FileHandle,
  part: Uint8Array,
  options: { first: Handle; ranges: Ranges; onBytes: OnBytes },
): Promise<void> {
  const { first, ranges, onBytes } = options;
  const pool = new BufferPool(host.client.limits.writeLength);
  const stop = new AbortController();
  const signal = AbortSignal.any([host.signal, stop.signal]);
  const many = ranges.size - ranges.contiguous > 2 * IN_FLIGHT * host.client.limits.writeLength;
  const lanes = many ? host.lanes() : [Promise.resolve(host.client)];
  const runs = lanes.map(async (opening, index) => {
    const client = await opening;
    if (!client || ranges.isTaken || signal.aborted) return;
    const handle = index === 0 ? first : await client.open(part, OPEN.WRITE).catch(() => undefined);
    if (!handle) return;
    try {
      await sendLane(client, handle, source, { ranges, pool, signal, onBytes });
    } catch (error) {
      stop.abort(error);
    } finally {
      if (index > 0) await client.close(handle).catch(() => {});
    }
  });
  await Promise.all(runs);
  signal.throwIfAborted();
}

async function sendLane(
  client: SftpClient,
  handle: Handle,
  source: FileHandle,
  context: { ranges: Ranges; pool: BufferPool; signal: AbortSignal; onBytes: OnBytes },
): Promise<void> {
  const { ranges, pool, signal, onBytes } = context;
  const underWay = new Set<Promise<void>>();
  let failure: unknown;
  const send = async (range: Range, buffer: Buffer): Promise<void> => {
    try {
      await client.write(handle, range.offset, buffer.subarray(0, range.length));
      ranges.finish(range);
      onBytes(range);
    } catch (error) {
      failure ??= error;
    } finally {
      pool.give(buffer);
    }
  };
  const read = async (range: Range | undefined): Promise<Buffer | undefined> => {
    if (!range) return undefined;
    const buffer = pool.take();
    const { bytesRead } = await source.read(buffer, 0, range.length, range.offset);
    if (bytesRead !== range.length) throw changedMeanwhile();
    return buffer;
  };
  try {
    let range = ranges.take();
    let reading = read(range);
    while (range) {
      const buffer = await reading;
      const current = range;
      range = ranges.take();
      reading = read(range);
      reading.catch(() => {});
      if (!buffer) break;
      const sending = send(current, buffer).finally(() => underWay.delete(sending));
      underWay.add(sending);
      while (underWay.size >= IN_FLIGHT) await Promise.race(underWay);
      if (failure !== undefined) throw failure;
      signal.throwIfAborted();
    }
  } finally {
    await Promise.all(underWay);
  }
  if (failure !== undefined) throw failure;
}
