import { FlotillaError, isFlotillaError, type ToolContext, visibleControls } from '@flotilla/core';
import { MAX_MODEL_BYTES, MAX_SERVICES } from './limits.ts';
import { ComposeModel, configHashes } from './model.ts';
import type { Project } from './open-project.ts';
import { refuseBomb } from './parse-document.ts';
import { readComposeFile } from './replace-file.ts';
import { hideInText } from './secret-values.ts';

export interface ReadModel {
  model: ComposeModel;
  hashes: Map<string, string>;
  /** What compose warned of: text of the host, secrets hidden. */
  warnings: string;
}

const MAX_WARNINGS = 4_000;

/** The normalised model as compose reads the files now, and the hash of each service. INVALID_INPUT when it refuses them. */
export async function readModel(
  context: Pick<ToolContext, 'hosts' | 'signal'>,
  project: Project,
): Promise<ReadModel> {
  for (const file of project.files) await lookAtFile(context, project.alias, file);
  const script = `(${project.command('config --format json')}); rc=$?; printf '\\0%s\\0' "$rc"
[ "$rc" = 0 ] && (${project.command("config --hash '*'")}) 2>/dev/null
exit 0`;
  const result = await context.hosts.shell(project.alias, script, {
    maxBytes: MAX_MODEL_BYTES,
    timeoutMs: 60_000,
    signal: context.signal,
  });
  const warnings = visibleControls(hideInText(result.stderr.slice(0, MAX_WARNINGS))).trim();
  const [printed = '', code, hashes = ''] = result.stdout.split('\0');
  const details = { alias: project.alias, files: project.files, remote: warnings };
  if (result.truncated)
    throw new FlotillaError('INVALID_INPUT', 'The model of the file is too large.', { details });
  if (code !== '0')
    throw new FlotillaError('INVALID_INPUT', 'docker compose does not accept the file.', {
      details,
      hint: 'Its words are in details.remote. Correct the file: compose_edit or file_write.',
    });
  const model = parse(printed);
  if (!model || Object.keys(model.services).length > MAX_SERVICES)
    throw new FlotillaError('UNSUPPORTED', 'The model that compose printed cannot be used.', { details });
  return { model, hashes: configHashes(hashes), warnings };
}

/** A file that only root may read cannot be looked at before compose does. */
async function lookAtFile(
  context: Pick<ToolContext, 'hosts' | 'signal'>,
  alias: string,
  file: string,
): Promise<void> {
  try {
    refuseBomb(await readComposeFile(context, alias, file));
  } catch (error) {
    if (!isFlotillaError(error) || error.code !== 'DENIED') throw error;
  }
}

function parse(printed: string): ComposeModel | undefined {
  try {
    return ComposeModel.parse(JSON.parse(printed));
  } catch {
    return undefined;
  }
}
