import {
  defineTool,
  FlotillaError,
  formatBytes,
  HostAlias,
  type RemoteFiles,
  type ToolContext,
} from '@flotilla/core';
import { z } from 'zod';
import { remotePath } from '../lib/arguments.ts';
import { canonicalPath } from '../lib/canonical-path.ts';
import { countTree } from '../lib/count-tree.ts';
import { mountPoints, removalRefusal } from '../lib/mount-points.ts';
import { withPath } from '../lib/shell-paths.ts';

const REMOVE_MS = 280_000;

export const fileRemove = defineTool({
  name: 'file_remove',
  title: 'Remove a file or folder',
  description:
    'Removes one file or symlink on a host, or with recursive: true a folder and everything in it; a symlink is removed, never what it points to. ' +
    'There is no undo: dryRun says first what would go. ' +
    'Refuses /, the home of the login, folders of the system and mount points, also below the folder.',
  effect: { max: 'destroy', of: (input) => (input.dryRun ? 'read' : 'destroy') },
  input: z.object({
    alias: HostAlias,
    path: remotePath,
    recursive: z.boolean().default(false).describe('Needed for a folder, also an empty one'),
    dryRun: z.boolean().default(false).describe('Only say what would be removed'),
  }),
  output: z.object({
    alias: z.string(),
    path: z.string().describe('With the symlinks of its parents resolved'),
    type: z.string(),
    files: z.number(),
    folders: z.number(),
    bytes: z.number(),
    incomplete: z.boolean().optional().describe('There are more than were counted'),
    removed: z.boolean(),
    dryRun: z.boolean(),
  }),
  run: async (context, { alias, path, recursive, dryRun }) => {
    const files = await context.hosts.files(alias);
    const real = await canonicalPath(files, path);
    const stat = await files.stat(real, { followSymlinks: false });
    const folder = stat.type === 'directory';
    await refuse(files, alias, real, folder);
    if (folder && !recursive) {
      throw new FlotillaError('INVALID_INPUT', 'It is a folder; say recursive: true to remove it.', {
        details: { alias, path: real },
        hint: 'See what it holds with dryRun: true and recursive: true.',
      });
    }
    const tree = folder
      ? await countTree(files, real, context.signal)
      : { files: 1, folders: 0, bytes: stat.size };
    if (!dryRun) {
      if (folder) await removeTree(context, files, alias, real);
      else await files.removeFile(real);
    }
    return { alias, path: real, type: stat.type, ...tree, removed: !dryRun, dryRun };
  },
  text: (output) => {
    const what =
      output.type === 'directory'
        ? `${output.incomplete ? 'more than ' : ''}${output.files} files and ${output.folders} folders, ${formatBytes(output.bytes)}`
        : `${output.type}, ${formatBytes(output.bytes)}`;
    return `${output.alias}:${output.path} ${output.dryRun ? 'would be' : 'was'} removed: ${what}.`;
  },
});

async function refuse(files: RemoteFiles, alias: string, real: string, folder: boolean): Promise<void> {
  const home = await files.realpath('.');
  const facts = { home, mounts: folder ? await mounts(files, alias) : [] };
  const reason = removalRefusal(real, facts);
  if (reason === undefined) return;
  throw new FlotillaError('DENIED', `This is never removed: ${reason}.`, {
    details: { alias, path: real },
    hint: 'Name what is in it instead.',
  });
}

async function mounts(files: RemoteFiles, alias: string): Promise<string[]> {
  try {
    const content = await files.read('/proc/self/mountinfo', { length: 4 * 1024 * 1024 });
    return mountPoints(Buffer.from(content).toString('utf8'));
  } catch (cause) {
    throw new FlotillaError(
      'UNSUPPORTED',
      `${alias} does not show its mount points, so folders are not removed.`,
      {
        details: { alias },
        hint: 'Remove it with task_exec.',
        cause,
      },
    );
  }
}

async function removeTree(
  context: ToolContext,
  files: RemoteFiles,
  alias: string,
  real: string,
): Promise<void> {
  const script =
    'one=; rm --one-file-system --version >/dev/null 2>&1 && one=--one-file-system; rm -rf $one -- "$p"';
  const result = await withPath(context.hosts, alias, real, script, {
    timeoutMs: REMOVE_MS,
    signal: context.signal,
  });
  const left = await files.stat(real, { followSymlinks: false }).catch(() => undefined);
  if (!left) return;
  throw new FlotillaError('TRANSFER_FAILED', 'Not everything could be removed.', {
    details: { alias, path: real, remote: result.stderr.slice(0, 2000) },
    hint: 'Look at what is left with file_list; check owner, mode and attributes.',
  });
}
