import { fenceRemote } from '@flotilla/core';
import { z } from 'zod';
import { whichProject } from '../lib/compose/arguments.ts';
import { ProjectDrift, projectDrifts } from '../lib/compose/project-drift.ts';
import { driftSummary, renderDrift } from '../lib/compose/render-drift.ts';
import { defineEngineRead } from '../lib/engine-read.ts';
import { cell } from '../lib/text.ts';

export const composeDiff = defineEngineRead({
  name: 'compose_diff',
  title: 'Drift of compose projects',
  description:
    'What runs against what the compose files say: services changed since they were started, missing, orphaned, scaled, stopped, or with a newer image on the host. ' +
    'Without path and project it compares every project of the hosts; names what differs, never values of variables. ' +
    'compose_up with dryRun says what bringing it in line would do; image_updates asks the registries for newer images.',
  input: whichProject,
  row: { drifted: z.number(), projects: z.array(ProjectDrift) },
  look: async (engine, input, context) => {
    const projects = await projectDrifts(context, engine, input);
    return { drifted: projects.filter(({ drifted }) => drifted).length, projects };
  },
  text: (row) => {
    const { length } = row.projects;
    const head = `${row.alias}: ${row.drifted === 0 ? 'no drift' : `${row.drifted} of ${length} projects drifted`}`;
    return length === 0
      ? head
      : `${head}\n${fenceRemote(row.projects.map(projectText).join('\n'), 'projects')}`;
  },
});

function projectText({ project, folder, services, problem }: ProjectDrift): string {
  const head = cell(`${project}${folder === undefined ? '' : ` (${folder})`}`, 300);
  if (problem) {
    const said = problem.remote ? `\n${problem.remote.slice(0, 1000)}` : '';
    return `${head}: ${problem.code}: ${problem.message}${said}`;
  }
  const differing = services.filter(({ state }) => state !== 'same');
  const list = differing.length === 0 ? '' : `\n${renderDrift(differing)}`;
  return `${head}: ${driftSummary(services)}${list}`;
}
