import { forEachHost, type ToolContext } from '@flotilla/core';
import { z } from 'zod';
import type { Engine } from '../engine/index.ts';
import type { ProjectInput } from './arguments.ts';
import { dryRunUp } from './dry-run-up.ts';
import { listProjects } from './list-projects.ts';
import { openProject } from './open-project.ts';
import { readDrift } from './read-drift.ts';
import { readModel } from './read-model.ts';
import { DriftRow } from './up-plan.ts';

export const ProjectDrift = z.object({
  project: z.string(),
  folder: z.string().optional(),
  drifted: z.boolean(),
  services: z.array(DriftRow),
  problem: z.object({ code: z.string(), message: z.string(), remote: z.string().optional() }).optional(),
});
export type ProjectDrift = z.infer<typeof ProjectDrift>;

/** Projects of one host that are compared when none is named, and how many at a time: each costs the host some CPU. */
const MAX_PROJECTS = 100;
const AT_A_TIME = 2;

type Context = Pick<ToolContext, 'hosts' | 'signal' | 'use'>;

/** One project, or every project of the host whose files are there. */
export async function projectDrifts(
  context: Context,
  engine: Engine,
  input: Omit<ProjectInput, 'alias'>,
): Promise<ProjectDrift[]> {
  const { alias } = engine;
  if (input.path !== undefined || input.project !== undefined)
    return [await one(context, engine, { ...input, alias })];
  const all = (await listProjects(context, engine)).slice(0, MAX_PROJECTS);
  const gone = all.filter(({ onDisk }) => !onDisk).map(({ project, folder }) => fileGone(project, folder));
  const names = all.filter(({ onDisk }) => onDisk).map(({ project }) => project);
  const outcomes = await forEachHost(names, { maxParallel: AT_A_TIME, signal: context.signal }, (project) =>
    one(context, engine, { ...input, alias, project }),
  );
  const found = outcomes.map(({ alias: project, value, error }): ProjectDrift => {
    if (value) return value;
    const remote = error?.details['remote'];
    const problem = { code: error?.code ?? 'CANCELLED', message: error?.message ?? 'It was not looked at.' };
    return {
      project,
      drifted: false,
      services: [],
      problem: { ...problem, ...(typeof remote === 'string' && { remote }) },
    };
  });
  const rank = (row: ProjectDrift): number => (row.problem ? 0 : row.drifted ? 1 : 2);
  return [...gone, ...found].sort((a, b) => rank(a) - rank(b));
}

const fileGone = (project: string, folder: string): ProjectDrift => ({
  project,
  folder,
  drifted: false,
  services: [],
  problem: { code: 'NOT_FOUND', message: 'It has containers, but its compose file is gone.' },
});

async function one(context: Context, engine: Engine, input: ProjectInput): Promise<ProjectDrift> {
  const project = await openProject(context, engine, input);
  const read = await readModel(context, project);
  const ask = async () => (await dryRunUp(context, project, read.model.name, input)).actions;
  const { rows } = await readDrift(context, engine, read, ask);
  return {
    project: read.model.name,
    folder: project.folder,
    drifted: rows.some(({ state }) => state !== 'same'),
    services: rows,
  };
}
