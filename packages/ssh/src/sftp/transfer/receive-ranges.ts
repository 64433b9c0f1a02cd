import type { FileHandle } from 'node:fs/promises';
import { OPEN } from '../protocol/codes.ts';
import type { Handle, SftpClient } from '../protocol/sftp-client.ts';
import { BufferPool } from './buffer-pool.ts';
import { changedMeanwhile } from './faults.ts';
import type { Range, Ranges } from './ranges.ts';
import type { OnBytes } from './resume.ts';
import type { TransferHost } from './transfer-host.ts';

/** Requests in flight per channel: twice the 2 MiB window, so that the host always has something to send. */
const IN_FLIGHT = 16;

/** Reads the ranges over every lane that becomes available; the counterpart of sendRanges. */
export async function receiveRanges(
  host: TransferHost,
  path: Uint8Array,
  options: { first: Handle; file: FileHandle; ranges: Ranges; onBytes: OnBytes },
): Promise<void> {
  const { first, file, ranges, onBytes } = options;
  const pool = new BufferPool(host.client.limits.readLength);
  const stop = new AbortController();
  const signal = AbortSignal.any([host.signal, stop.signal]);
  const many = ranges.size - ranges.contiguous > 2 * IN_FLIGHT * host.client.limits.readLength;
  const lanes = many ? host.lanes() : [Promise.resolve(host.client)];
  const runs = lanes.map(async (opening, index) => {
    const client = await opening;
    if (!client || ranges.isTaken || signal.aborted) return;
    const handle = index === 0 ? first : await client.open(path, OPEN.READ).catch(() => undefined);
    if (!handle) return;
    const worker = async (): Promise<void> => {
      for (let range = ranges.take(); range; range = ranges.take()) {
        signal.throwIfAborted();
        await receive(client, handle, { file, range, pool });
        ranges.finish(range);
        onBytes(range);
      }
    };
    const careful = (): Promise<void> => worker().catch((error) => stop.abort(error));
    await Promise.all(Array.from({ length: IN_FLIGHT }, careful));
    if (index > 0) await client.close(handle).catch(() => {});
  });
  await Promise.all(runs);
  signal.throwIfAborted();
}

async function receive(
  client: SftpClient,
  handle: Handle,
  { file, range, pool }: { file: FileHandle; range: Range; pool: BufferPool },
): Promise<void> {
  const buffer = pool.take();
  let got = 0;
  while (got < range.length) {
    const count = await client.read(handle, range.offset + got, buffer.subarray(got, range.length));
    if (count === 0) throw changedMeanwhile();
    got += count;
  }
  for (let at = 0; at < range.length; ) {
    const { bytesWritten } = await file.write(buffer, at, range.length - at, range.offset + at);
    at += bytesWritten;
  }
  pool.give(buffer);
}
