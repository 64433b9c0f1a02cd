import type { ToolContext } from '@flotilla/core';
import { readLocal } from '@flotilla/ssh/local';
import type { SourceInput } from './arguments.ts';

export interface SourceContent {
  path: string;
  content: Buffer;
  size: number;
  mode: number;
  mtimeMs: number;
}

/** A range of a file here or on a host. NOT_FOUND, DENIED, INVALID_INPUT for what is not a regular file. */
export async function readSource(
  context: ToolContext,
  source: SourceInput,
  range: { offset?: number; length: number },
): Promise<SourceContent> {
  if (source.type === 'local') {
    const { localRoots, dataDir } = context.settings;
    return readLocal({ roots: localRoots, dataDir }, source.path, range);
  }
  const files = await context.hosts.files(source.alias ?? '');
  const stat = await files.stat(source.path);
  const content = await files.read(source.path, { ...range, signal: context.signal });
  return {
    path: stat.path,
    content: Buffer.from(content.buffer, content.byteOffset, content.byteLength),
    size: stat.size,
    mode: stat.mode,
    mtimeMs: stat.mtimeMs,
  };
}
