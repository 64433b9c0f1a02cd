import type { Handle, SftpClient } from './protocol/sftp-client.ts';

const IN_FLIGHT = 8;

/**
 * Up to `length` bytes from `offset`. `sized` files are read with several requests in flight; files that
 * claim size 0 (/proc, /sys) one after the other to their end.
 */
export async function readRange(
  client: SftpClient,
  handle: Handle,
  range: { offset: number; length: number; sized: boolean },
  signal?: AbortSignal,
): Promise<Buffer> {
  const step = client.limits.readLength;
  if (!range.sized) return readToEnd(client, handle, range, signal);
  const whole = Buffer.allocUnsafe(range.length);
  let next = 0;
  let end = range.length;
  const worker = async (): Promise<void> => {
    while (next < end) {
      signal?.throwIfAborted();
      const start = next;
      const stop = Math.min(start + step, range.length);
      next = stop;
      let at = start;
      while (at < stop) {
        const count = await client.read(handle, range.offset + at, whole.subarray(at, stop));
        if (count === 0) {
          end = Math.min(end, at);
          return;
        }
        at += count;
      }
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return whole.subarray(0, end);
}

async function readToEnd(
  client: SftpClient,
  handle: Handle,
  range: { offset: number; length: number },
  signal?: AbortSignal,
): Promise<Buffer> {
  const parts: Buffer[] = [];
  let got = 0;
  while (got < range.length) {
    signal?.throwIfAborted();
    const part = Buffer.allocUnsafe(Math.min(client.limits.readLength, range.length - got));
    const count = await client.read(handle, range.offset + got, part);
    if (count === 0) break;
    parts.push(part.subarray(0, count));
    got += count;
  }
  return Buffer.concat(parts);
}
