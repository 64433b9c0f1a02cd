import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TransferProgress } from '@flotilla/core';
import { expect, test } from 'vitest';
import { partName } from '../../src/sftp/transfer/part-name.ts';
import { busyChannels } from './helpers/links.ts';
import { randomBytes, transferSetup } from './helpers/transfer-setup.ts';

const on = transferSetup();
const MIB = 1024 * 1024;
const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
/** What an interrupted transfer of a file leaves in its folder. */
const leftOf = (name: string): string => partName(Buffer.from(name)).toString();

test('of 20 MiB the checksums are made beside the transfer, and progress is told', async () => {
  const content = randomBytes(20 * MIB + 7);
  writeFileSync(join(on.here, 'f'), content);
  const told: TransferProgress[] = [];
  const onProgress = (progress: TransferProgress): void => void told.push(progress);
  const up = await on.upload('f', join(on.there, 'f'), { onProgress });
  const down = await on.download(join(on.there, 'f'), 'back', { onProgress });
  expect([up.pairs[0]?.sha256, down.pairs[0]?.sha256]).toEqual([sha256(content), sha256(content)]);
  expect([up.verified, down.verified]).toEqual([1, 1]);
  expect(readFileSync(join(on.here, 'back')).equals(content)).toBe(true);
  expect(told.length).toBeGreaterThan(0);
  expect(told.every(({ bytes, totalBytes }) => bytes <= totalBytes)).toBe(true);
});

test.each(['up', 'down'] as const)(
  '%s: goes on behind what an earlier try left, when that is right',
  async (way) => {
    const content = randomBytes(5 * MIB);
    const [from, to] = way === 'up' ? [on.here, on.there] : [on.there, on.here];
    writeFileSync(join(from, 'f'), content);
    writeFileSync(join(to, leftOf('f')), content.subarray(0, 2 * MIB));
    const summary = await (way === 'up' ? on.upload('f', join(to, 'f')) : on.download(join(from, 'f'), 'f'));
    expect(summary).toMatchObject({ files: 1, resumedBytes: 2 * MIB, verified: 1 });
    expect(readFileSync(join(to, 'f')).equals(content)).toBe(true);
    expect(readdirSync(to)).toEqual(['f']);
  },
);

test.each(['up', 'down'] as const)('%s: starts anew when what is left is of something else', async (way) => {
  const content = randomBytes(3 * MIB);
  const [from, to] = way === 'up' ? [on.here, on.there] : [on.there, on.here];
  for (const left of [randomBytes(2 * MIB), Buffer.from('short')]) {
    writeFileSync(join(from, 'f'), content);
    writeFileSync(join(to, leftOf('g')), left);
    const summary = await (way === 'up' ? on.upload('f', join(to, 'g')) : on.download(join(from, 'f'), 'g'));
    expect(summary.resumedBytes).toBe(0);
    expect(readFileSync(join(to, 'g')).equals(content)).toBe(true);
    content[0] = (content[0] ?? 0) ^ 1;
  }
});

test.each(['up', 'down'] as const)('%s: a cancelled transfer keeps what can be resumed', async (way) => {
  const content = randomBytes(30 * MIB);
  const [from, to] = way === 'up' ? [on.here, on.there] : [on.there, on.here];
  writeFileSync(join(from, 'f'), content);
  writeFileSync(join(to, leftOf('f')), content.subarray(0, 2 * MIB));
  const stop = new AbortController();
  const options = { signal: stop.signal, onProgress: () => stop.abort() };
  const go = (more?: typeof options) =>
    way === 'up' ? on.upload('f', join(to, 'f'), more) : on.download(join(from, 'f'), 'f', more);
  await expect(go(options)).rejects.toMatchObject({
    code: 'CANCELLED',
    details: { kept: expect.any(String), bytes: expect.any(Number) },
  });
  await expect(go({ ...options, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(readdirSync(to)).toEqual([leftOf('f')]);
  const summary = await go();
  expect(summary).toMatchObject({ files: 1, verified: 1 });
  expect(summary.resumedBytes).toBeGreaterThanOrEqual(2 * MIB);
  expect(readFileSync(join(to, 'f')).equals(content)).toBe(true);
  expect(readdirSync(to)).toEqual(['f']);
  expect(busyChannels(on.links)).toBe(0);
});
