import { createHash } from 'node:crypto';
import { OPEN } from '../protocol/codes.ts';
import type { SftpClient } from '../protocol/sftp-client.ts';
import { assignBytes, runRemote } from './remote-command.ts';
import type { TransferHost } from './transfer-host.ts';

/**
 * sha256 of a remote file, or of its first `length` bytes: computed on the host, or undefined when it has no
 * program for that.
 */
export async function hashOnHost(
  host: TransferHost,
  path: Uint8Array,
  length?: number,
): Promise<string | undefined> {
  const { sha256 } = await host.capabilities();
  if (!sha256) return undefined;
  const named = `${assignBytes('p', path)}; case $p in -*) p=./$p;; esac`;
  const read = length === undefined ? `${sha256} < "$p"` : `head -c ${length} < "$p" | ${sha256}`;
  const end = await runRemote(host.links, host.alias, `${named}; ${read}`, { signal: host.signal });
  const sum = /^[0-9a-f]{64}/.exec(end.stdout.toString('latin1'))?.[0];
  return end.exitCode === 0 ? sum : undefined;
}

/** The same by reading the file back: for hosts without a program, and twice the traffic. */
export async function hashByReading(
  client: SftpClient,
  path: Uint8Array,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256');
  const handle = await client.open(path, OPEN.READ);
  const step = client.limits.readLength;
  try {
    const ahead: Promise<Buffer>[] = [];
    let offset = 0;
    const ask = (): void => {
      const target = Buffer.allocUnsafe(step);
      const answer = readFully(client, handle, offset, target);
      answer.catch(() => {});
      ahead.push(answer);
      offset += step;
    };
    for (let count = 0; count < 8; count++) ask();
    for (;;) {
      signal.throwIfAborted();
      const part = await ahead.shift();
      if (!part) return hash.digest('hex');
      hash.update(part);
      if (part.length < step) {
        await Promise.allSettled(ahead);
        return hash.digest('hex');
      }
      ask();
    }
  } finally {
    await client.close(handle).catch(() => {});
  }
}

async function readFully(
  client: SftpClient,
  handle: Uint8Array,
  offset: number,
  target: Buffer,
): Promise<Buffer> {
  let got = 0;
  while (got < target.length) {
    const count = await client.read(handle, offset + got, target.subarray(got));
    if (count === 0) break;
    got += count;
  }
  return target.subarray(0, got);
}
