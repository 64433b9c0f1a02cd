import { defineTool, fenceRemote, formatBytes } from '@flotilla/core';
import { z } from 'zod';
import { encoding, Source, sourceName, sourceTargets } from '../lib/arguments.ts';
import { textOf } from '../lib/content.ts';
import { readSource } from '../lib/source-content.ts';

const DEFAULT_BYTES = 64 * 1024;
const MAX_BYTES = 256 * 1024;

export const fileRead = defineTool({
  name: 'file_read',
  title: 'Read a file',
  description:
    'Content of one file on a host or in an allowed local folder, in pages of bytes; nextOffset is the offset of the next page. ' +
    'A binary file answers with binary: true and no content unless encoding is base64. ' +
    'Use task_transfer for whole big files. Example source: {"type": "remote", "alias": "web1", "path": "/etc/hosts"}.',
  effect: 'read',
  input: z.object({
    source: Source,
    encoding,
    offset: z.number().int().min(0).default(0).describe('First byte, default 0'),
    limit: z
      .number()
      .int()
      .min(1)
      .max(MAX_BYTES)
      .default(DEFAULT_BYTES)
      .describe(`Bytes at most, default ${DEFAULT_BYTES}, up to ${MAX_BYTES}`),
  }),
  output: z.object({
    path: z.string(),
    alias: z.string().optional(),
    size: z.number().describe('Of the whole file; 0 for pseudo files such as those in /proc'),
    modified: z.string(),
    binary: z.boolean(),
    encoding: z.enum(['utf8', 'base64']),
    content: z.string().optional(),
    offset: z.number().describe('Of the first byte in content'),
    bytes: z.number().describe('Bytes of the file that content covers'),
    nextOffset: z.number().optional().describe('Set when there is more'),
  }),
  targets: sourceTargets,
  run: async (context, { source, encoding: wanted, offset, limit }) => {
    const found = await readSource(context, source, { offset, length: limit });
    const end = offset + found.content.length;
    const more = found.size > 0 ? end < found.size : found.content.length === limit;
    const text = textOf(found.content, { atStart: offset === 0, atEnd: !more });
    const base = {
      path: found.path,
      ...(source.type === 'remote' && { alias: source.alias ?? '' }),
      size: found.size,
      modified: new Date(found.mtimeMs).toISOString(),
      binary: text === undefined,
      encoding: wanted,
    };
    if (wanted === 'base64') {
      const content = found.content.toString('base64');
      return { ...base, content, offset, bytes: found.content.length, ...(more && { nextOffset: end }) };
    }
    if (!text) return { ...base, offset, bytes: 0 };
    const start = offset + text.start;
    const next = start + text.length;
    return {
      ...base,
      content: text.text,
      offset: start,
      bytes: text.length,
      ...(more && { nextOffset: next }),
    };
  },
  text: (output, { source }) => {
    const name = sourceName(source);
    if (output.content === undefined) {
      return `${name} is binary, ${formatBytes(output.size)}. Read it with encoding base64, or task_transfer it.`;
    }
    const range = `bytes ${output.offset}–${output.offset + output.bytes} of ${output.size || 'unknown'}`;
    const more = output.nextOffset === undefined ? '' : `\nMore: offset ${output.nextOffset}.`;
    return `${name}, ${range}\n${fenceRemote(output.content, name)}${more}`;
  },
});
