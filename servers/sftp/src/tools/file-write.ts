import { createHash } from 'node:crypto';
import {
  defineTool,
  FlotillaError,
  formatBytes,
  isFlotillaError,
  type ToolContext,
  unifiedDiff,
} from '@flotilla/core';
import { writeLocal } from '@flotilla/ssh/local';
import { z } from 'zod';
import { encoding, Source, type SourceInput, sourceName, sourceTargets } from '../lib/arguments.ts';
import { contentBytes, textOf } from '../lib/content.ts';
import { octal } from '../lib/file-row.ts';
import { readSource, type SourceContent } from '../lib/source-content.ts';

const MAX_CONTENT = 16 * 1024 * 1024;
/** An older file up to this size is compared, backed up and shown as a diff. */
const MAX_BEFORE = 64 * 1024 * 1024;

const State = z.object({ size: z.number(), sha256: z.string().optional(), mode: z.string() });

export const fileWrite = defineTool({
  name: 'file_write',
  title: 'Write a file',
  description:
    'Replaces or creates one file with the given content, at once: readers see the old file or the new one, and owner and mode of an old one are kept. ' +
    'dryRun answers with the exact diff and writes nothing; backup keeps the old file beside it. ' +
    'Use task_transfer for files that exist already on this side.',
  effect: { max: 'destroy', of: (input) => (input.dryRun ? 'read' : 'write') },
  input: z.object({
    source: Source,
    content: z.string().max(MAX_CONTENT).describe('New content of the whole file, in the given encoding'),
    encoding,
    createDirs: z.boolean().default(true).describe('Make missing parent folders, default true'),
    dryRun: z.boolean().default(false).describe('Only say what would change'),
    backup: z.boolean().default(false).describe('Keep the old file as PATH.TIME.bak'),
  }),
  output: z.object({
    path: z.string(),
    alias: z.string().optional(),
    changed: z.boolean(),
    dryRun: z.boolean(),
    before: State.optional().describe('Absent when there was no file'),
    after: State,
    backup: z.string().optional(),
    diff: z.string().optional().describe('Unified; only of text'),
  }),
  targets: sourceTargets,
  run: async (context, input) => {
    const { source, dryRun, backup } = input;
    const content = contentBytes(input.content, input.encoding);
    if (!content) throw new FlotillaError('INVALID_INPUT', 'content is not base64.');
    const before = await existing(context, source);
    const whole = before && before.content.length === before.size ? before.content : undefined;
    const changed = whole === undefined || !whole.equals(content);
    const diff = whole === undefined && before ? undefined : textDiff(whole, content, sourceName(source));
    let kept: string | undefined;
    if (changed && !dryRun) {
      if (backup && before) kept = await keepOld(context, source, before);
      await write(context, source, content, input.createDirs);
    }
    return {
      path: before?.path ?? source.path,
      ...(source.type === 'remote' && { alias: source.alias ?? '' }),
      changed,
      dryRun,
      ...(before && {
        before: {
          size: before.size,
          ...(whole && { sha256: sha256(whole) }),
          mode: octal(before.mode),
        },
      }),
      after: { size: content.length, sha256: sha256(content), mode: octal(before?.mode ?? 0o644) },
      ...(kept !== undefined && { backup: kept }),
      ...(diff && { diff }),
    };
  },
  text: (output, { source }) => {
    const name = sourceName(source);
    if (!output.changed)
      return `${name} has this content already (${formatBytes(output.after.size)}); nothing written.`;
    const verb = output.dryRun ? 'would be' : 'was';
    const from = output.before ? `${formatBytes(output.before.size)} → ` : 'new file, ';
    const kept = output.backup === undefined ? '' : `\nOld content: ${output.backup}`;
    const sum = `sha256 ${output.after.sha256?.slice(0, 16)}…`;
    const diff = output.diff === undefined ? '' : `\n${output.diff}`;
    return `${name} ${verb} written: ${from}${formatBytes(output.after.size)}, mode ${output.after.mode}, ${sum}${kept}${diff}`;
  },
});

const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

async function existing(context: ToolContext, source: SourceInput): Promise<SourceContent | undefined> {
  try {
    return await readSource(context, source, { length: MAX_BEFORE });
  } catch (error) {
    if (isFlotillaError(error) && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}

function textDiff(before: Buffer | undefined, after: Buffer, name: string): string | undefined {
  const all = { atStart: true, atEnd: true };
  const old = before ? textOf(before, all)?.text : '';
  const now = textOf(after, all)?.text;
  return old === undefined || now === undefined ? undefined : unifiedDiff(old, now, name);
}

async function keepOld(context: ToolContext, source: SourceInput, before: SourceContent): Promise<string> {
  if (before.content.length < before.size) {
    throw new FlotillaError('UNSUPPORTED', 'The old file is too big to be backed up here.', {
      details: { size: before.size, limit: MAX_BEFORE },
      hint: 'Copy it on the host first: task_exec with cp -p.',
    });
  }
  const time = new Date().toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '');
  const path = `${source.path}.${time}.bak`;
  await write(context, { ...source, path }, before.content, false, before.mode);
  return path;
}

async function write(
  context: ToolContext,
  source: SourceInput,
  content: Buffer,
  createDirs: boolean,
  mode?: number,
): Promise<void> {
  const options = mode === undefined ? {} : { mode };
  if (source.type === 'local') {
    const { localRoots, dataDir } = context.settings;
    await writeLocal({ roots: localRoots, dataDir }, source.path, content, { createDirs, ...options });
    return;
  }
  const files = await context.hosts.files(source.alias ?? '');
  const parent = source.path.slice(0, source.path.lastIndexOf('/'));
  if (createDirs && parent !== '' && parent !== 'bytes:' && parent !== '~')
    await files.makeDirectories(parent);
  await files.write(source.path, content, { ...options, signal: context.signal });
}
