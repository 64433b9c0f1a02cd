import { createHash } from 'node:crypto';
import { defineTool, FlotillaError, HostAlias, type ToolContext } from '@flotilla/core';
import { z } from 'zod';
import { remotePath } from '../lib/arguments.ts';
import { withPath } from '../lib/shell-paths.ts';

const LENGTH = { sha256: 64, sha512: 128, sha1: 40, md5: 32 } as const;
type Algorithm = keyof typeof LENGTH;
const CHUNK = 1024 * 1024;

export const fileChecksum = defineTool({
  name: 'file_checksum',
  title: 'Checksum of a file',
  description:
    'Checksum of one file, computed on the host where it has the program, else by reading the file through SFTP. ' +
    'Use it to compare a file with another copy without transferring it.',
  effect: 'read',
  input: z.object({
    alias: HostAlias,
    path: remotePath,
    algorithm: z.enum(['sha256', 'sha512', 'sha1', 'md5']).default('sha256').describe('Default sha256'),
    timeout: z.number().int().min(1).max(280).default(120).describe('Seconds, default 120'),
  }),
  output: z.object({
    alias: z.string(),
    path: z.string(),
    algorithm: z.string(),
    checksum: z.string().describe('Lower-case hexadecimal'),
    size: z.number(),
    computedOn: z.enum(['host', 'hub']),
  }),
  run: async (context, { alias, path, algorithm, timeout }) => {
    const files = await context.hosts.files(alias);
    const stat = await files.stat(path);
    if (stat.type !== 'file') {
      throw new FlotillaError('INVALID_INPUT', `It is a ${stat.type}, not a file.`, {
        details: { alias, path },
      });
    }
    const onHost = await fromHost(context, alias, path, algorithm, timeout * 1000);
    const checksum = onHost ?? (await byReading(context, alias, path, algorithm, timeout * 1000));
    const computedOn: 'host' | 'hub' = onHost === undefined ? 'hub' : 'host';
    return { alias, path, algorithm, checksum, size: stat.size, computedOn };
  },
  text: (output) =>
    `${output.algorithm} ${output.checksum}  ${output.alias}:${output.path} (${output.size} bytes)`,
});

async function fromHost(
  context: ToolContext,
  alias: string,
  path: string,
  algorithm: Algorithm,
  timeoutMs: number,
): Promise<string | undefined> {
  const script = `if command -v openssl >/dev/null 2>&1; then openssl dgst -${algorithm} -r < "$p"; else ${algorithm}sum < "$p"; fi`;
  const result = await withPath(context.hosts, alias, path, script, { timeoutMs, signal: context.signal });
  const sum = /^[0-9a-f]+/.exec(result.stdout)?.[0];
  return result.exitCode === 0 && sum?.length === LENGTH[algorithm] ? sum : undefined;
}

async function byReading(
  context: ToolContext,
  alias: string,
  path: string,
  algorithm: Algorithm,
  timeoutMs: number,
): Promise<string> {
  const files = await context.hosts.files(alias);
  const hash = createHash(algorithm);
  const deadline = performance.now() + timeoutMs;
  for (let offset = 0; ; ) {
    const part = await files.read(path, { offset, length: CHUNK, signal: context.signal });
    hash.update(part);
    offset += part.length;
    if (part.length < CHUNK) return hash.digest('hex');
    if (performance.now() > deadline) {
      throw new FlotillaError('TIMEOUT', 'The checksum was not done in time.', {
        details: { alias, path, bytesRead: offset },
        hint: 'Raise timeout (seconds).',
      });
    }
  }
}
