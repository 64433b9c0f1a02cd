import { posix } from 'node:path';
import { FlotillaError } from '@flotilla/core';
import { readDirectory } from '../directory.ts';
import { fileError } from '../map-error.ts';
import { joinPath } from '../paths.ts';
import { type Attrs, fileType } from '../protocol/attrs.ts';
import { SftpClosedError } from '../protocol/codes.ts';
import { type Selection, shownPath } from './pattern.ts';
import { emptyPlan, type Plan } from './plan.ts';
import type { TransferHost } from './transfer-host.ts';
import { special, tooDeep } from './walk-local.ts';

const MAX_ENTRIES = 2_000_000;
const MAX_DEPTH = 200;
/** Folders listed at the same time. */
const PARALLEL = 16;

/** Everything wanted below a remote folder; the counterpart of walkLocal. What the host says is bounded. */
export async function walkRemote(host: TransferHost, root: Uint8Array, selection: Selection): Promise<Plan> {
  const plan = emptyPlan();
  let level = [''];
  let count = 0;
  const visit = async (folder: string): Promise<string[]> => {
    host.signal.throwIfAborted();
    const path = folder === '' ? Buffer.from(root) : joinPath(root, Buffer.from(folder, 'latin1'));
    const below: string[] = [];
    const links: Promise<void>[] = [];
    try {
      for (const { name, attrs } of await readDirectory(host.client, path)) {
        const relative = posix.join(folder, name.toString('latin1'));
        const shown = shownPath(relative);
        if (selection.selects(shown)) add(plan, relative, attrs);
        if (selection.selects(shown) && fileType(attrs.mode) === 'symlink') {
          links.push(addLink(host, plan, relative, joinPath(path, name)));
        }
        if (fileType(attrs.mode) === 'directory' && selection.enters(shown)) below.push(relative);
        if (++count > MAX_ENTRIES) throw tooMany();
      }
      await Promise.all(links);
    } catch (error) {
      if (error instanceof SftpClosedError || folder === '') throw error;
      const action = { alias: host.alias, path, doing: 'Listing' };
      plan.faults.push({ relative: folder, error: fileError(error, action) });
    }
    return below;
  };
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw tooDeep();
    const next: string[] = [];
    for (let at = 0; at < level.length; at += PARALLEL) {
      const found = await Promise.all(level.slice(at, at + PARALLEL).map(visit));
      next.push(...found.flat());
    }
    level = next;
  }
  const order = (a: { relative: string }, b: { relative: string }): number =>
    a.relative < b.relative ? -1 : 1;
  plan.files.sort(order);
  plan.folders.sort(order);
  return plan;
}

function add(plan: Plan, relative: string, attrs: Attrs): void {
  const common = { relative, target: relative, mode: (attrs.mode ?? 0o644) & 0o777, mtime: attrs.mtime ?? 0 };
  const type = fileType(attrs.mode);
  if (type === 'directory') plan.folders.push(common);
  else if (type === 'file') plan.files.push({ ...common, size: attrs.size ?? 0 });
  else if (type !== 'symlink') plan.faults.push({ relative, error: special() });
}

async function addLink(host: TransferHost, plan: Plan, relative: string, path: Uint8Array): Promise<void> {
  try {
    const content = (await host.client.readlink(path)).toString('latin1');
    plan.links.push({ relative, target: relative, content });
  } catch (error) {
    if (error instanceof SftpClosedError) throw error;
    plan.faults.push({ relative, error: fileError(error, { alias: host.alias, path, doing: 'Reading' }) });
  }
}

const tooMany = (): FlotillaError =>
  new FlotillaError('UNSUPPORTED', `The folder holds more than ${MAX_ENTRIES} entries.`);
