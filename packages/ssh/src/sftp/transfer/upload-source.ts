import { lstat } from 'node:fs/promises';
import { posix } from 'node:path';
import { FlotillaError } from '@flotilla/core';
import { localError } from '../local/local-error.ts';
import { type LocalRoots, toBytes } from '../local/local-roots.ts';
import { LocalTree } from '../local/local-tree.ts';
import { everything, isPattern, parsePattern } from './pattern.ts';
import { emptyPlan, type Plan } from './plan.ts';
import { givenName } from './targets.ts';
import { attributes, walkLocal } from './walk-local.ts';

export interface Source<Where> {
  kind: 'file' | 'folder' | 'pattern';
  where: Where;
  /** Its own name, for a target that is a folder to put it into; latin1. */
  name: string;
  plan: Plan;
  /** Attributes of a folder itself. */
  mode: number;
  mtime: number;
}

/** What a local source stands for. The caller closes `where`. NOT_FOUND, DENIED, INVALID_INPUT. */
export async function localSource(
  roots: LocalRoots,
  path: string,
  signal: AbortSignal,
): Promise<Source<LocalTree>> {
  const real = await roots.locate(path, 'read');
  const stat = await lstat(toBytes(real)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw localError(error, real, 'Looking at');
  });
  const isForbidden = (folder: string): boolean => roots.isForbidden(folder);
  const walk = { signal, isForbidden };
  if (stat?.isDirectory()) {
    const where = await LocalTree.at(roots, real, 'read');
    const plan = await closing(where, () => walkLocal(where, { ...walk, selection: everything }));
    const name = givenName(path)?.toString('latin1') ?? posix.basename(real);
    return { kind: 'folder', where, name, plan, ...attributes(stat) };
  }
  if (stat?.isFile()) {
    const where = await LocalTree.at(roots, posix.dirname(real), 'read');
    const relative = posix.basename(real);
    const name = givenName(path)?.toString('latin1') ?? relative;
    const file = { relative, target: name, size: stat.size, ...attributes(stat) };
    return { kind: 'file', where, name, plan: { ...emptyPlan(), files: [file] }, ...attributes(stat) };
  }
  if (stat) throw new FlotillaError('INVALID_INPUT', 'The local source is neither a file nor a folder.');
  if (!isPattern(path)) {
    throw localError(
      Object.assign(new Error('missing'), { code: 'ENOENT' }),
      roots.absolute(path),
      'Reading',
    );
  }
  const { base, selection } = parsePattern(path);
  const where = await LocalTree.at(roots, await roots.locate(base, 'read'), 'read');
  const plan = await closing(where, () => walkLocal(where, { ...walk, selection }));
  if (isEmpty(plan)) {
    await where.close();
    throw nothingMatches(path);
  }
  return { kind: 'pattern', where, name: '', plan, mode: 0o755, mtime: 0 };
}

async function closing<T>(tree: LocalTree, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await tree.close();
    throw error;
  }
}

export const isEmpty = (plan: Plan): boolean =>
  plan.files.length + plan.folders.length + plan.links.length + plan.faults.length === 0;

export const nothingMatches = (pattern: string): FlotillaError =>
  new FlotillaError('NOT_FOUND', 'Nothing matches the pattern.', {
    details: { pattern },
    hint: 'A name that begins with a dot only matches a pattern with that dot; ** goes into subfolders.',
  });
