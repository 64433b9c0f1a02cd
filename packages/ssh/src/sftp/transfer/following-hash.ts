import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';

/** Below this the hash costs less than a thread. */
const WORKER_FROM = 16 * 1024 * 1024;
const STEP = 1024 * 1024;

/**
 * sha256 of a local file while it is being sent or received: `upTo` says how far it can be read. Files are
 * read a second time, from the page cache, in a thread of their own.
 */
export interface FollowingHash {
  upTo(offset: number): void;
  /** Resolves once `upTo` reached the size. */
  digest(): Promise<string>;
  stop(): void;
}

export function followingHash(file: FileHandle, size: number): FollowingHash {
  return size >= WORKER_FROM ? inWorker(file, size) : inline(file, size);
}

/** sha256 of the first `length` bytes. */
export function hashOf(file: FileHandle, length: number): Promise<string> {
  const hash = followingHash(file, length);
  hash.upTo(length);
  return hash.digest();
}

function inline(file: FileHandle, size: number): FollowingHash {
  let reached: () => void = () => {};
  const ready = new Promise<void>((resolve) => {
    reached = resolve;
  });
  if (size === 0) reached();
  return {
    upTo: (offset) => {
      if (offset >= size) reached();
    },
    digest: async () => {
      await ready;
      const hash = createHash('sha256');
      const buffer = Buffer.allocUnsafe(Math.min(STEP, Math.max(1, size)));
      for (let at = 0; at < size; ) {
        const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, size - at), at);
        if (bytesRead === 0) break;
        hash.update(buffer.subarray(0, bytesRead));
        at += bytesRead;
      }
      return hash.digest('hex');
    },
    stop: () => reached(),
  };
}

/** Plain JavaScript in a string, so that it works from source, from a build and from a bundle. */
const WORKER = `
const { parentPort, workerData: { fd, size, step } } = require('node:worker_threads');
const { createHash } = require('node:crypto');
const { readSync } = require('node:fs');
const hash = createHash('sha256');
const buffer = Buffer.allocUnsafeSlow(step);
let at = 0;
parentPort.on('message', (limit) => {
  while (at < limit) {
    const count = readSync(fd, buffer, 0, Math.min(step, limit - at), at);
    if (count === 0) break;
    hash.update(buffer.subarray(0, count));
    at += count;
  }
  if (at >= size) {
    parentPort.postMessage(hash.digest('hex'));
    parentPort.close();
  }
});`;

function inWorker(file: FileHandle, size: number): FollowingHash {
  const worker = new Worker(WORKER, { eval: true, workerData: { fd: file.fd, size, step: STEP } });
  worker.unref();
  const result = new Promise<string>((resolve, reject) => {
    worker.once('message', (sum: string) => resolve(sum));
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('The checksum was stopped')));
  });
  result.catch(() => {});
  let told = 0;
  return {
    upTo: (offset) => {
      if (offset < size && offset - told < 4 * STEP) return;
      told = offset;
      worker.postMessage(offset);
    },
    digest: () => result,
    stop: () => void worker.terminate(),
  };
}
