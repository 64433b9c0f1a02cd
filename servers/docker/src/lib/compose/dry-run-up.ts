import { FlotillaError, type ToolContext } from '@flotilla/core';
import type { ProjectInput } from './arguments.ts';
import { type DryRunAction, dryRunActions } from './dry-run.ts';
import { type Project, serviceWords } from './open-project.ts';
import { hideInText } from './secret-values.ts';

export interface UpInput extends ProjectInput {
  services?: readonly string[] | undefined;
  pull?: 'always' | 'missing' | 'never' | undefined;
  build?: boolean | undefined;
  removeOrphans?: boolean | undefined;
  forceRecreate?: boolean | undefined;
}

export const upFlags = ({ pull, build, removeOrphans, forceRecreate }: UpInput): string =>
  [
    pull && `--pull ${pull}`,
    build && '--build',
    removeOrphans && '--remove-orphans',
    forceRecreate && '--force-recreate',
  ]
    .filter(Boolean)
    .map((flag) => ` ${flag}`)
    .join('');

/** What compose itself says it would do. CONFLICT when even its dry run fails. */
export async function dryRunUp(
  context: Pick<ToolContext, 'hosts' | 'signal'>,
  project: Project,
  name: string,
  input: UpInput,
): Promise<{ actions: DryRunAction[]; notes: string[] }> {
  const script = project.command(`--dry-run up -d${upFlags(input)}${serviceWords(input.services)}`, {
    name,
  });
  const options = { timeoutMs: 120_000, maxBytes: 1024 * 1024, signal: context.signal };
  const { exitCode, stdout, stderr } = await context.hosts.shell(project.alias, script, options);
  const actions = dryRunActions(`${stdout}\n${stderr}`);
  if (exitCode === 0) return { actions, notes: [] };
  if (/unknown flag: --dry-run/.test(stderr))
    return {
      actions,
      notes: ['This compose has no dry run: the list of actions is not known, only what differs.'],
    };
  throw new FlotillaError('CONFLICT', 'The dry run of docker compose fails, so would the change.', {
    details: { alias: project.alias, remote: hideInText(stderr.slice(-8_000)).slice(-2_000) },
    hint: 'Its words are in details.remote.',
  });
}
