import type { PlannedFile } from './plan.ts';
import { RESUMABLE } from './resume.ts';

/** Fewer small files than this go one by one. */
const WORTH_A_BATCH = 4;
const MAX_FILES = 4000;
const MAX_BYTES = 64 * 1024 * 1024;

/** Small files in batches that are verified and renamed together; the others, which can be resumed, alone. */
export function splitBySize(files: readonly PlannedFile[]): {
  batches: PlannedFile[][];
  single: PlannedFile[];
} {
  const small = files.filter((file) => file.size < RESUMABLE && file.size > 0);
  if (small.length < WORTH_A_BATCH) return { batches: [], single: [...files] };
  const batches: PlannedFile[][] = [];
  let batch: PlannedFile[] = [];
  let bytes = 0;
  for (const file of small) {
    if (batch.length === MAX_FILES || bytes + file.size > MAX_BYTES) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(file);
    bytes += file.size;
  }
  batches.push(batch);
  return { batches, single: files.filter((file) => file.size >= RESUMABLE || file.size === 0) };
}

/** Folders that files need and that the plan does not name itself (a pattern selects files only), parents first. */
export function missingParents(
  files: readonly { target: string }[],
  folders: readonly { target: string }[],
): string[] {
  const known = new Set(['', '.', ...folders.map((folder) => folder.target)]);
  const missing: string[] = [];
  const need = (folder: string): void => {
    if (known.has(folder)) return;
    known.add(folder);
    const at = folder.lastIndexOf('/');
    if (at > 0) need(folder.slice(0, at));
    missing.push(folder);
  };
  for (const { target } of files) {
    const at = target.lastIndexOf('/');
    if (at > 0) need(target.slice(0, at));
  }
  return missing;
}
