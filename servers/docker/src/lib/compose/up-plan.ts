import { FlotillaError, type ToolContext } from '@flotilla/core';
import { z } from 'zod';
import type { Engine } from '../engine/index.ts';
import type { ProjectInput } from './arguments.ts';
import { dryRunActions } from './dry-run.ts';
import { openProject, type Project, serviceWords } from './open-project.ts';
import { readDrift } from './read-drift.ts';
import { readModel } from './read-model.ts';
import { hideInText } from './secret-values.ts';

export interface UpInput extends ProjectInput {
  services?: readonly string[] | undefined;
  pull?: 'always' | 'missing' | 'never' | undefined;
  build?: boolean | undefined;
  removeOrphans?: boolean | undefined;
  forceRecreate?: boolean | undefined;
}

export const DriftRow = z.object({
  service: z.string(),
  state: z.enum(['same', 'changed', 'missing', 'orphan', 'stopped', 'scale', 'image_behind']),
  containers: z.number(),
  wanted: z.number(),
  changes: z.array(z.string()),
});

export const PlannedAction = z.object({
  kind: z.enum(['container', 'network', 'volume', 'image']),
  name: z.string(),
  action: z.enum(['create', 'recreate', 'remove', 'start', 'stop', 'pull', 'build']),
});

export const UpPlan = z.object({
  project: z.string(),
  folder: z.string(),
  files: z.array(z.string()),
  services: z.array(DriftRow).describe('File against what runs'),
  actions: z.array(PlannedAction).describe('What compose would do, by its own dry run'),
  notes: z.array(z.string()),
  warnings: z.string().optional().describe('What compose warned of'),
});
export type UpPlan = z.infer<typeof UpPlan>;

const UP_FLAGS = ({ pull, build, removeOrphans, forceRecreate }: UpInput): string =>
  [
    pull && `--pull ${pull}`,
    build && '--build',
    removeOrphans && '--remove-orphans',
    forceRecreate && '--force-recreate',
  ]
    .filter(Boolean)
    .map((flag) => ` ${flag}`)
    .join('');

export const upCommand = (project: Project, name: string, input: UpInput): string =>
  project.command(`up -d --no-color${UP_FLAGS(input)}${serviceWords(input.services)}`, { name });

export interface Planned {
  plan: UpPlan;
  /** The shell command that carries it out. */
  command: string;
}

/** Reads file, engine and compose's own dry run; changes nothing. */
export async function planUp(
  context: Pick<ToolContext, 'hosts' | 'signal' | 'use'>,
  engine: Engine,
  input: UpInput,
): Promise<Planned> {
  const project = await openProject(context, engine, input);
  const read = await readModel(context, project);
  const { name } = read.model;
  const unknown = input.services?.find((service) => !Object.hasOwn(read.model.services, service));
  if (unknown !== undefined)
    throw new FlotillaError('NOT_FOUND', `The file has no service ${unknown}.`, {
      details: { alias: input.alias, services: Object.keys(read.model.services).slice(0, 50) },
    });
  const drift = await readDrift(context, engine, read);
  const { actions, notes } = await dryRun(context, project, name, input);
  const services = drift.rows.filter((row) => input.services?.includes(row.service) ?? true);
  const plan: UpPlan = {
    project: name,
    folder: project.folder,
    files: project.files,
    services,
    actions,
    notes: [...notes, ...orphanNote(services, input)],
    ...(read.warnings !== '' && { warnings: read.warnings }),
  };
  return { plan, command: upCommand(project, name, input) };
}

const orphanNote = (services: UpPlan['services'], { removeOrphans }: UpInput): string[] => {
  const orphans = services.filter(({ state }) => state === 'orphan').map(({ service }) => service);
  return orphans.length === 0 || removeOrphans
    ? []
    : [`${orphans.join(', ')}: not in the file; removeOrphans: true removes them`];
};

async function dryRun(
  context: Pick<ToolContext, 'hosts' | 'signal'>,
  project: Project,
  name: string,
  input: UpInput,
): Promise<Pick<UpPlan, 'actions' | 'notes'>> {
  const script = project.command(`--dry-run up -d${UP_FLAGS(input)}${serviceWords(input.services)}`, {
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
    details: { alias: project.alias, remote: hideInText(stderr).slice(-2_000) },
    hint: 'Its words are in details.remote.',
  });
}

/** Nothing to do: the file is what runs. */
export const isUnchanged = ({ services, actions }: UpPlan, input: UpInput): boolean =>
  actions.length === 0 &&
  services.every(({ state }) => state === 'same' || state === 'orphan') &&
  !input.forceRecreate &&
  !input.build &&
  input.pull !== 'always' &&
  !(input.removeOrphans && services.some(({ state }) => state === 'orphan'));
