import { defineTool, formatBytes, HostAlias } from '@flotilla/core';
import { z } from 'zod';
import { remotePath } from '../lib/arguments.ts';
import { FileRow, fileRow } from '../lib/file-row.ts';

export const fileStat = defineTool({
  name: 'file_stat',
  title: 'Look at one path',
  description:
    'Type, size, mode, owner and time of one file, folder or symlink on a host; for a symlink also where it points. ' +
    'Answers NOT_FOUND when there is nothing.',
  effect: 'read',
  input: z.object({
    alias: HostAlias,
    path: remotePath,
    followSymlinks: z.boolean().default(false).describe('Look at what a symlink points to, default false'),
  }),
  output: FileRow.extend({ alias: z.string() }),
  run: async (context, { alias, path, followSymlinks }) => {
    const files = await context.hosts.files(alias);
    return { alias, ...fileRow(await files.stat(path, { followSymlinks })) };
  },
  text: (row) => {
    const target = row.target === undefined ? '' : ` -> ${JSON.stringify(row.target)}`;
    const size = row.type === 'file' ? `, ${formatBytes(row.size)} (${row.size} bytes)` : '';
    return `${row.alias}:${row.path}: ${row.type}${target}${size}, mode ${row.mode}, owner ${row.uid}:${row.gid}, changed ${row.modified}`;
  },
});
