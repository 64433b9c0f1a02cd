import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Gives a run that repeats another one the output files of the steps it keeps. */
export function linkOutput(outputDir: string, from: string, to: string): void {
  const source = join(outputDir, from);
  if (!existsSync(source)) return;
  const target = join(outputDir, to);
  mkdirSync(target, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(source)) linkSync(join(source, name), join(target, name));
}

export function removeOutput(outputDir: string, runId: string): void {
  rmSync(join(outputDir, runId), { recursive: true, force: true });
}

/** After this the output of a run survives a power cut. */
export function syncOutput(outputDir: string, runId: string): void {
  const folder = join(outputDir, runId);
  if (!existsSync(folder)) return;
  for (const name of ['.', ...readdirSync(folder)]) {
    const fd = openSync(join(folder, name), 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }
}

export interface StoredOutput {
  runId: string;
  bytes: number;
  modifiedMs: number;
}

/** Every run's folder, oldest first. */
export async function storedOutputs(outputDir: string): Promise<StoredOutput[]> {
  if (!existsSync(outputDir)) return [];
  const folders: StoredOutput[] = [];
  for (const runId of await readdir(outputDir)) {
    const folder = join(outputDir, runId);
    const files = await readdir(folder).catch(() => []);
    const sizes = await Promise.all(files.map((file) => stat(join(folder, file)).catch(() => undefined)));
    const modifiedMs = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    folders.push({ runId, bytes: sizes.reduce((sum, one) => sum + (one?.size ?? 0), 0), modifiedMs });
  }
  return folders.sort((a, b) => (a.runId < b.runId ? -1 : 1));
}
