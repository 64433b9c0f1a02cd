import type { FileStat } from '@flotilla/core';
import { z } from 'zod';

export const FileRow = z.object({
  path: z.string(),
  type: z.enum(['file', 'directory', 'symlink', 'socket', 'fifo', 'block', 'character', 'unknown']),
  size: z.number(),
  mode: z.string().describe('Permission bits in octal, e.g. 0644'),
  uid: z.number(),
  gid: z.number(),
  modified: z.string().describe('ISO 8601'),
  target: z.string().optional().describe('Of a symlink'),
});
export type FileRow = z.infer<typeof FileRow>;

export const fileRow = (stat: FileStat): FileRow => ({
  path: stat.path,
  type: stat.type,
  size: stat.size,
  mode: octal(stat.mode),
  uid: stat.uid,
  gid: stat.gid,
  modified: new Date(stat.mtimeMs).toISOString(),
  ...(stat.target !== undefined && { target: stat.target }),
});

export const octal = (mode: number): string => `0${(mode & 0o7777).toString(8).padStart(3, '0')}`;
