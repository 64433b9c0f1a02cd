import { createHash, randomBytes } from 'node:crypto';
import { FlotillaError, type RemoteFiles, type ToolContext } from '@flotilla/core';
import { quote } from '@flotilla/ssh';
import { saidBy } from './command-problem.ts';
import { MAX_FILE_BYTES } from './limits.ts';
import type { Project } from './open-project.ts';
import { splitPath } from './shell-path.ts';

export const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');

type Context = Pick<ToolContext, 'hosts' | 'signal'>;

/** A compose file as it is now. INVALID_INPUT when it is too large or not text. */
export async function readComposeFile(context: Context, alias: string, path: string): Promise<string> {
  const files = await context.hosts.files(alias);
  const bytes = await files.read(path, { length: MAX_FILE_BYTES + 1, signal: context.signal });
  if (bytes.length > MAX_FILE_BYTES)
    throw new FlotillaError('INVALID_INPUT', 'The compose file is too large.', { details: { alias, path } });
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new FlotillaError('INVALID_INPUT', 'The compose file is not UTF-8 text.', {
      details: { alias, path },
      cause,
    });
  }
}

/**
 * Asks compose on the host whether it accepts `text` in place of `file`, by a temporary file beside it. INVALID_INPUT
 * with its words when it does not.
 */
export async function validateInPlace(
  context: Context,
  project: Project,
  file: string,
  text: string,
  flags = '',
): Promise<void> {
  const files = await context.hosts.files(project.alias);
  const temporary = `${splitPath(file).folder}/.flotilla-${randomBytes(6).toString('hex')}.yaml`;
  const all = project.files.includes(file) ? project.files : [file];
  const others = all.map((one) => (one === file ? temporary : one));
  try {
    await files.write(temporary, Buffer.from(text), { mode: 0o600, signal: context.signal });
    const script = project.command(`config --quiet${flags}`, { files: others });
    const { exitCode, stderr } = await context.hosts.shell(project.alias, script, {
      timeoutMs: 60_000,
      signal: context.signal,
    });
    if (exitCode === 0) return;
    throw new FlotillaError(
      'INVALID_INPUT',
      'docker compose does not accept the changed file; nothing was written.',
      {
        details: { alias: project.alias, file, remote: saidBy(stderr.replaceAll(temporary, file)) },
        hint: 'Its words are in details.remote.',
      },
    );
  } finally {
    await removeQuietly(files, temporary);
  }
}

const removeQuietly = (files: RemoteFiles, path: string): Promise<void> =>
  files.removeFile(path).catch(() => undefined);

/**
 * Puts `text` in the place of `file` at once, if the file still holds `before`, keeping the old one beside it. CONFLICT
 * when somebody changed it meanwhile. Returns the path of the old one.
 */
export async function replaceFile(
  context: Context,
  alias: string,
  file: string,
  content: { before: string; text: string },
): Promise<string> {
  const now = await readComposeFile(context, alias, file);
  if (now !== content.before) throw changedMeanwhile(alias, file, sha256(now));
  const time = new Date()
    .toISOString()
    .replace(/[-:]/g, '')
    .replace(/\.(\d+)Z/, '$1Z');
  const backup = `${file}.${time}.bak`;
  const { exitCode, stderr } = await context.hosts.shell(alias, `cp -p -- ${quote(file)} ${quote(backup)}`, {
    signal: context.signal,
  });
  if (exitCode !== 0)
    throw new FlotillaError(
      'DENIED',
      'The old file could not be kept beside the new one; nothing was written.',
      {
        details: { alias, file, remote: saidBy(stderr) },
      },
    );
  const files = await context.hosts.files(alias);
  await files.write(file, Buffer.from(content.text), { signal: context.signal });
  return backup;
}

export const changedMeanwhile = (alias: string, file: string, hash: string): FlotillaError =>
  new FlotillaError('CONFLICT', 'The file is not the one that was expected; nothing was written.', {
    details: { alias, file, hash },
    hint: 'Read it again, with compose_edit and dryRun, and decide anew.',
  });
