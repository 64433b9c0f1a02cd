import { FlotillaError } from '@flotilla/core';
import { fileError } from '../map-error.ts';
import { baseName, parentPath } from '../paths.ts';
import { type Attrs, fileType } from '../protocol/attrs.ts';
import { remotePath } from '../remote-path.ts';
import { absent } from '../status-meaning.ts';
import { everything, isPattern, parsePattern } from './pattern.ts';
import { emptyPlan, type Plan } from './plan.ts';
import { givenName } from './targets.ts';
import type { TransferHost } from './transfer-host.ts';
import { isEmpty, nothingMatches, type Source } from './upload-source.ts';
import { walkRemote } from './walk-remote.ts';

/** What a remote source stands for; `where` is the folder that the plan starts at. */
export async function remoteSource(host: TransferHost, asked: string): Promise<Source<Buffer>> {
  const { client } = host;
  const path = remotePath(asked);
  const failed = (error: unknown): never => {
    throw fileError(error, { alias: host.alias, path, doing: 'Reading' });
  };
  const attrs = await client.stat(path).catch(absent).catch(failed);
  const type = attrs && fileType(attrs.mode);
  if (attrs && type === 'directory') {
    const plan = await walkRemote(host, path, everything).catch(failed);
    const real = givenName(asked) ?? baseName(await client.realpath(path));
    return { kind: 'folder', where: path, name: real.toString('latin1'), plan, ...attributes(attrs) };
  }
  if (attrs && type === 'file') return single(path, attrs);
  if (attrs) {
    throw new FlotillaError('INVALID_INPUT', `The remote source is a ${type}, not a file or folder.`);
  }
  if (!isPattern(asked)) return failed(await client.stat(path).catch((error: unknown) => error));
  const { base, selection } = parsePattern(asked);
  const where = remotePath(base);
  const plan: Plan = await walkRemote(host, where, selection).catch(failed);
  if (isEmpty(plan)) throw nothingMatches(asked);
  return { kind: 'pattern', where, name: '', plan, mode: 0o755, mtime: 0 };
}

function single(path: Buffer, attrs: Attrs): Source<Buffer> {
  const name = baseName(path).toString('latin1');
  const file = { relative: name, target: name, size: attrs.size ?? 0, ...attributes(attrs) };
  return {
    kind: 'file',
    where: parentPath(path),
    name,
    plan: { ...emptyPlan(), files: [file] },
    ...attributes(attrs),
  };
}

const attributes = (attrs: Attrs): { mode: number; mtime: number } => ({
  mode: (attrs.mode ?? 0o644) & 0o777,
  mtime: attrs.mtime ?? 0,
});
