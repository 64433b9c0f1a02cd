import { FlotillaError, type ToolContext } from '@flotilla/core';
import { z } from 'zod';
import type { Engine } from '../engine/index.ts';
import { dryRunUp, type UpInput, upFlags } from './dry-run-up.ts';
import { openProject, type Project, serviceWords } from './open-project.ts';
import { readDrift } from './read-drift.ts';
import { readModel } from './read-model.ts';

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

export const upCommand = (project: Project, name: string, input: UpInput): string =>
  project.command(`up -d --no-color${upFlags(input)}${serviceWords(input.services)}`, { name });

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
  const { actions, notes } = await dryRunUp(context, project, name, input);
  const drift = await readDrift(context, engine, read, async () => actions);
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

/** Nothing to do: the file is what runs. */
export const isUnchanged = ({ services, actions }: UpPlan, input: UpInput): boolean =>
  actions.length === 0 &&
  services.every(({ state }) => state === 'same' || state === 'orphan') &&
  !input.forceRecreate &&
  !input.build &&
  input.pull !== 'always' &&
  !(input.removeOrphans && services.some(({ state }) => state === 'orphan'));
