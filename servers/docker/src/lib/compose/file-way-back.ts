import { FlotillaError, fenceRemote, isFlotillaError, type JobContext, unifiedDiff } from '@flotilla/core';
import { quote } from '@flotilla/ssh';
import { z } from 'zod';
import { cell } from '../text.ts';
import { type AppliedFile, appliedFiles, type ComposeFileText } from './applied-files.ts';
import { hideInYaml } from './hide-in-yaml.ts';
import { readComposeFile, replaceFile } from './replace-file.ts';

/** What became of a compose file whose change was rolled back. */
export const FileWayBack = z.object({
  path: z.string(),
  before: z
    .enum(['applied', 'edit_backup'])
    .describe('The file as last applied, or as before its last compose_edit'),
  at: z.string().optional().describe('When it was applied'),
  diff: z.string().describe('From that to the file that failed'),
  restored: z.boolean(),
  kept: z
    .string()
    .describe('Path on the host of the other one: the older file, or the failed one once restored'),
  problem: z.string().optional(),
});
export type FileWayBack = z.infer<typeof FileWayBack>;

/** An alias may come to mean another machine, whose files are others. */
export function hostOf({ hosts }: Pick<JobContext, 'hosts'>, alias: string): string {
  const [found] = hosts.resolve(alias);
  return found ? `${alias} ${found.host}:${found.port}` : alias;
}

/** The files of a project as they are now; those that only root may read are left out. */
export async function readFiles(
  job: Pick<JobContext, 'hosts' | 'signal'>,
  alias: string,
  paths: readonly string[],
): Promise<ComposeFileText[]> {
  const read: ComposeFileText[] = [];
  for (const path of paths) {
    try {
      read.push({ path, text: await readComposeFile(job, alias, path) });
    } catch (error) {
      if (!isFlotillaError(error) || error.code !== 'DENIED') throw error;
    }
  }
  return read;
}

/**
 * For each file that differs from what was last applied: what differs, and the older text, either kept beside it or,
 * with `restore`, in its place again. May be run again after a crash.
 */
export async function wayBack(
  job: Pick<JobContext, 'hosts' | 'signal' | 'use'>,
  alias: string,
  failed: readonly ComposeFileText[],
  restore: boolean,
): Promise<FileWayBack[]> {
  const store = await job.use(appliedFiles);
  const ways: FileWayBack[] = [];
  for (const file of failed) {
    const applied = store.get(hostOf(job, alias), file.path);
    if (applied) {
      if (applied.text !== file.text) ways.push(await fromApplied(job, alias, file, applied, restore));
      continue;
    }
    const kept = await newestBackup(job, alias, file.path);
    if (kept === undefined) continue;
    const diff = diffOf(await readComposeFile(job, alias, kept), file);
    ways.push({ path: file.path, before: 'edit_backup', diff, restored: false, kept });
  }
  return ways;
}

async function fromApplied(
  job: Pick<JobContext, 'hosts' | 'signal'>,
  alias: string,
  file: ComposeFileText,
  applied: AppliedFile,
  restore: boolean,
): Promise<FileWayBack> {
  const beside = `${file.path}.applied.bak`;
  const way = {
    path: file.path,
    before: 'applied' as const,
    at: new Date(applied.appliedAt).toISOString(),
    diff: diffOf(applied.text, file),
  };
  try {
    if (restore) {
      if ((await readComposeFile(job, alias, file.path)) === applied.text)
        return { ...way, restored: true, kept: (await newestBackup(job, alias, file.path)) ?? beside };
      const content = { before: file.text, text: applied.text };
      return { ...way, restored: true, kept: await replaceFile(job, alias, file.path, content) };
    }
    const files = await job.hosts.files(alias);
    await files.write(beside, Buffer.from(applied.text), { mode: 0o600, signal: job.signal });
    return { ...way, restored: false, kept: beside };
  } catch (error) {
    if (!isFlotillaError(error) || job.signal.aborted) throw error;
    return { ...way, restored: false, kept: file.path, problem: error.message };
  }
}

const diffOf = (before: string, { path, text }: ComposeFileText): string =>
  hideInYaml(unifiedDiff(before, text, path));

/** The newest file that compose_edit kept beside `path`. */
async function newestBackup(
  job: Pick<JobContext, 'hosts' | 'signal'>,
  alias: string,
  path: string,
): Promise<string | undefined> {
  const script = `for f in ${quote(path)}.[0-9]*Z.bak; do [ -f "$f" ] && printf '%s\\0' "$f"; done; exit 0`;
  const { stdout } = await job.hosts.shell(alias, script, { signal: job.signal });
  const newest = stdout.split('\0').filter(Boolean).at(-1);
  if (newest === undefined) return undefined;
  if (newest.startsWith(`${path}.`)) return newest;
  throw new FlotillaError('SERVER_UNAVAILABLE', 'The host listed a file that was not asked for.');
}

/** How to get the older file back, then what differs. */
export const wayBackText = (ways: readonly FileWayBack[]): string[] =>
  ways.flatMap(({ path, before, at, diff, restored, kept, problem }) => {
    const older =
      before === 'applied' ? `the file last applied (${at})` : 'the file before its last compose_edit';
    const copy = `cp -- ${quote(kept)} ${quote(path)}`;
    const how = restored
      ? `${older} is in its place again; the failed one is kept beside it`
      : problem === undefined
        ? `it still says what failed; ${older} is kept beside it, and this brings it back`
        : `it still says what failed, and ${older} could not be written: ${problem}`;
    const named = problem === undefined ? `${cell(restored ? kept : copy, 2_000)}\n` : '';
    return [`Compose file: ${how}.`, fenceRemote(`${named}${diff}`, cell(path))];
  });
