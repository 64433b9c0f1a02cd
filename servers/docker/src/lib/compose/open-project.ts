import { FlotillaError, type ToolContext } from '@flotilla/core';
import { quote, quoteAll } from '@flotilla/ssh';
import type { Engine } from '../engine/index.ts';
import type { ProjectInput } from './arguments.ts';
import { composeClis, composeWords } from './compose-clis.ts';
import { LABEL } from './labels.ts';
import { MAX_FILE_BYTES } from './limits.ts';
import { locateScript, NO_FOLDER, parseLocated } from './locate-script.ts';
import { composeContainers } from './project-containers.ts';
import type { ComposeCli } from './version.ts';

/** Where a project is on its host, and how compose is called for it. */
export interface Project {
  alias: string;
  /** As given; the file's own name otherwise. */
  name: string | undefined;
  folder: string;
  /** Absolute, in the order in which they apply. */
  files: string[];
  /** Of compose. */
  version: ComposeCli['version'];
  /** Shell text that enters the folder and runs compose with these arguments (already quoted). */
  command(args: string, options?: { name?: string; files?: readonly string[] }): string;
}

type Context = Pick<ToolContext, 'hosts' | 'signal' | 'use'>;

/** NOT_FOUND when there is no such folder, file or project; UNSUPPORTED without compose v2. */
export async function openProject(context: Context, engine: Engine, input: ProjectInput): Promise<Project> {
  const cli = await (await context.use(composeClis)).get(input.alias, context.signal);
  return projectAt(input, engine, cli, await place(context, engine, input));
}

/** One whose file is not there yet. */
export async function openNewProject(
  context: Context,
  engine: Engine,
  alias: string,
  folder: string,
  file: string,
): Promise<Project> {
  const cli = await (await context.use(composeClis)).get(alias, context.signal);
  return projectAt({ alias }, engine, cli, { folder, files: [file] });
}

function projectAt(
  { alias, project, profiles = [] }: ProjectInput,
  engine: Engine,
  cli: ComposeCli,
  { folder, files }: { folder: string; files: string[] },
): Project {
  const words = composeWords(engine, cli);
  const flags = profiles.map((profile) => ` --profile ${quote(profile)}`).join('');
  return {
    alias,
    name: project,
    folder,
    files,
    version: cli.version,
    command: (args, options = {}) => {
      const name = options.name ?? project;
      const own = name === undefined ? '' : ` -p ${quote(name)}`;
      const listed = (options.files ?? files).map((file) => `-f ${quote(file)}`).join(' ');
      return `CDPATH= cd -- ${quote(folder)} && ${words} --ansi never${own} --project-directory ${quote(folder)} ${listed}${flags} ${args}`;
    },
  };
}

async function place(context: Context, engine: Engine, input: ProjectInput) {
  const { alias, path, project } = input;
  if (path !== undefined) return locate(context, alias, path);
  if (project === undefined)
    throw new FlotillaError('INVALID_INPUT', 'Say which project: path or project.', {
      hint: 'compose_list shows the projects of a host.',
    });
  const [found] = await composeContainers(engine, project, context.signal);
  const folder = found?.Labels?.[LABEL.folder];
  const files = (found?.Labels?.[LABEL.files] ?? '').split(',').filter((file) => file.startsWith('/'));
  if (folder?.startsWith('/') && files.length > 0) return { folder, files };
  throw new FlotillaError('NOT_FOUND', 'No container of this project says where its file is.', {
    details: { alias, project },
    hint: 'Give the folder: path. compose_list shows what is there.',
  });
}

/** The files of a folder, each within the size limit. */
export async function locate(
  context: Pick<ToolContext, 'hosts' | 'signal'>,
  alias: string,
  path: string,
): Promise<{ folder: string; files: string[] }> {
  const result = await context.hosts.shell(alias, locateScript(path), { signal: context.signal });
  const located = result.exitCode === 0 ? parseLocated(result.stdout) : undefined;
  if (!located || located.files.length === 0)
    throw new FlotillaError(
      'NOT_FOUND',
      result.exitCode === NO_FOLDER
        ? 'There is no such folder, or the login may not enter it.'
        : 'There is no compose file.',
      {
        details: { alias, path },
        hint: 'path is a folder with a compose.yaml, or the file itself. file_list shows what is there.',
      },
    );
  const large = located.files.find(({ bytes = 0 }) => bytes > MAX_FILE_BYTES);
  if (large)
    throw new FlotillaError('INVALID_INPUT', 'The compose file is too large.', {
      details: { alias, file: large.path, bytes: large.bytes, limit: MAX_FILE_BYTES },
    });
  const absolute = (file: string): string =>
    file.startsWith('/') ? file : `${located.folder.replace(/\/$/, '')}/${file}`;
  return { folder: located.folder, files: located.files.map((file) => absolute(file.path)) };
}

export const serviceWords = (services: readonly string[] | undefined): string =>
  services === undefined ? '' : ` -- ${quoteAll(services)}`;
