import { type ToolContext, visibleControls } from '@flotilla/core';
import { z } from 'zod';
import type { ContainerSummary } from '../containers/summary.ts';
import type { Engine } from '../engine/index.ts';
import { LABEL } from './labels.ts';
import { filesOnDisk } from './on-disk.ts';
import { composeContainers } from './project-containers.ts';

export const ProjectRow = z.object({
  project: z.string(),
  state: z.enum(['running', 'partly', 'stopped']),
  running: z.number(),
  containers: z.number(),
  unhealthy: z.number(),
  services: z.array(z.string()),
  folder: z.string(),
  files: z.array(z.string()),
  onDisk: z.boolean().describe('Its compose files are there'),
});
export type ProjectRow = z.infer<typeof ProjectRow>;

/** Projects by the labels of their containers; what is wrong first. */
export function projectRows(
  containers: readonly ContainerSummary[],
  present: ReadonlySet<string>,
): ProjectRow[] {
  const projects = Map.groupBy(containers, ({ Labels }) => Labels?.[LABEL.project] ?? '');
  const rows = [...projects].map(([project, own]): ProjectRow => {
    const running = own.filter(({ State }) => State === 'running').length;
    const labels = own[0]?.Labels ?? {};
    const files = configFiles(labels);
    return {
      project: visibleControls(project),
      state: running === own.length ? 'running' : running === 0 ? 'stopped' : 'partly',
      running,
      containers: own.length,
      unhealthy: own.filter(({ Status }) => Status.includes('(unhealthy)')).length,
      services: [...new Set(own.map(({ Labels }) => visibleControls(Labels?.[LABEL.service] ?? '')))].sort(),
      folder: visibleControls(labels[LABEL.folder] ?? ''),
      files: files.map(visibleControls),
      onDisk: files.length > 0 && files.every((file) => present.has(file)),
    };
  });
  const rank = (row: ProjectRow): number =>
    row.unhealthy > 0 ? 0 : ['partly', 'stopped', 'running'].indexOf(row.state) + 1;
  return rows.sort((a, b) => rank(a) - rank(b) || a.project.localeCompare(b.project));
}

export const configFiles = (labels: Readonly<Record<string, string>>): string[] =>
  (labels[LABEL.files] ?? '').split(',').filter((file) => file.startsWith('/'));

export async function listProjects(
  context: Pick<ToolContext, 'hosts' | 'signal'>,
  engine: Engine,
): Promise<ProjectRow[]> {
  const containers = await composeContainers(engine, undefined, context.signal);
  const files = containers.flatMap(({ Labels }) => configFiles(Labels ?? {}));
  return projectRows(containers, await filesOnDisk(context, engine.alias, files));
}
