import { joinPath } from '../paths.ts';
import { parallel } from './parallel.ts';
import { hashByReading } from './remote-hash.ts';
import type { StagedFile } from './stage-tar.ts';
import { removeStaging } from './staging.ts';
import { sumsOnHost } from './sums-on-host.ts';
import type { TransferHost } from './transfer-host.ts';

const IN_FLIGHT = 64;
const READS = 16;

/**
 * Fills a staging folder for hosts without tar: every file is opened, and its content, attributes and close are
 * sent together as soon as the handle is known. Answers with the sums of what is there.
 */
export async function stageBySftp(
  host: TransferHost,
  staging: Uint8Array,
  files: Iterable<StagedFile>,
): Promise<Map<string, string>> {
  const { client } = host;
  await removeStaging(host, staging);
  await client.mkdir(staging, 0o700);
  const names: string[] = [];
  const underWay = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;
  for (const file of files) {
    host.signal.throwIfAborted();
    const content = Buffer.allocUnsafe(file.size);
    if (!(await file.fill(content))) continue;
    names.push(file.name);
    const sending = sendOne(host, joinPath(staging, file.name), file, content)
      .catch((error) => {
        failure ??= { error };
      })
      .finally(() => underWay.delete(sending));
    underWay.add(sending);
    if (underWay.size >= IN_FLIGHT) await Promise.race(underWay);
    if (failure) break;
  }
  await Promise.all(underWay);
  if (failure) throw failure.error;
  const onHost = await sumsOnHost(host, staging, names);
  if (onHost) return onHost;
  const sums = new Map<string, string>();
  await parallel(names, READS, async (name) => {
    sums.set(name, await hashByReading(client, joinPath(staging, name), host.signal));
  });
  return sums;
}

async function sendOne(
  host: TransferHost,
  path: Uint8Array,
  { mode, mtime }: StagedFile,
  content: Buffer,
): Promise<void> {
  const { client } = host;
  const handle = await client.create(path, 0o600);
  const step = client.limits.writeLength;
  const sent: Promise<void>[] = [];
  for (let at = 0; at < content.length; at += step) {
    sent.push(client.write(handle, at, content.subarray(at, at + step)));
  }
  await Promise.all([...sent, client.fsetstat(handle, { mode, mtime }), client.close(handle)]);
}
