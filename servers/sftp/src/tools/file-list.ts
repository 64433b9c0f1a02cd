import {
  defineTool,
  FlotillaError,
  fenceRemote,
  formatBytes,
  HostAlias,
  isFlotillaError,
  type RemoteFiles,
  visibleControls,
} from '@flotilla/core';
import { z } from 'zod';
import { remotePath } from '../lib/arguments.ts';
import { FileRow, fileRow } from '../lib/file-row.ts';

const ORDER = {
  name: (a: FileRow, b: FileRow) => (a.path < b.path ? -1 : 1),
  size: (a: FileRow, b: FileRow) => b.size - a.size,
  modified: (a: FileRow, b: FileRow) => (a.modified < b.modified ? 1 : -1),
};

export const fileList = defineTool({
  name: 'file_list',
  title: 'List a folder',
  description:
    'What one folder on a host holds, hidden names included: type, size, mode, owner and time of each entry. ' +
    'Not recursive. Sorted by name, or with the largest or newest first.',
  effect: 'read',
  input: z.object({
    alias: HostAlias,
    path: remotePath,
    sort: z.enum(['name', 'size', 'modified']).default('name').describe('Order, default name'),
    limit: z.number().int().min(1).max(5000).default(200).describe('Entries at most, default 200'),
    offset: z.number().int().min(0).default(0).describe('Entries to skip, default 0'),
  }),
  output: z.object({
    path: z.string(),
    entries: z.array(FileRow),
    total: z.number().describe('Entries of the folder'),
    leftOut: z.number().describe('Entries after the last one shown'),
  }),
  run: async (context, { alias, path, sort, limit, offset }) => {
    const files = await context.hosts.files(alias);
    const rows = (await listing(files, alias, path)).map(fileRow).sort(ORDER[sort]);
    const entries = rows.slice(offset, offset + limit);
    return { path, entries, total: rows.length, leftOut: Math.max(0, rows.length - offset - entries.length) };
  },
  text: (output, { alias, offset }) => {
    const lines = output.entries.map((row) => {
      const name = visibleControls(row.path.slice(row.path.lastIndexOf('/') + 1)).replaceAll('\n', '\\n');
      const kind = row.type === 'directory' ? '/' : row.type === 'symlink' ? ` -> ${row.target ?? '?'}` : '';
      const size = row.type === 'file' ? formatBytes(row.size) : row.type;
      return `${row.mode} ${row.uid}:${row.gid} ${size.padStart(9)} ${row.modified.slice(0, 19)}Z ${name}${kind}`;
    });
    const more =
      output.leftOut > 0 ? `\n${output.leftOut} more: offset ${offset + output.entries.length}.` : '';
    const head = `${alias}:${output.path}: ${output.total} entries`;
    return lines.length === 0 ? head : `${head}\n${fenceRemote(lines.join('\n'), alias)}${more}`;
  },
});

/** OpenSSH says of a file that is no folder that there is no such file. */
async function listing(files: RemoteFiles, alias: string, path: string) {
  try {
    return await files.list(path);
  } catch (error) {
    if (!isFlotillaError(error) || error.code !== 'NOT_FOUND') throw error;
    const there = await files.stat(path).catch(() => undefined);
    if (there === undefined || there.type === 'directory') throw error;
    throw new FlotillaError('INVALID_INPUT', `It is a ${there.type}, not a folder.`, {
      details: { alias, path, type: there.type },
      hint: 'file_stat and file_read show a single file.',
      cause: error,
    });
  }
}
