import { fenceRemote } from '@flotilla/core';
import { z } from 'zod';
import { MAX_TEXT_ROWS } from '../lib/compose/limits.ts';
import { listProjects, ProjectRow } from '../lib/compose/list-projects.ts';
import { defineEngineRead } from '../lib/engine-read.ts';
import { cell } from '../lib/text.ts';

export const composeList = defineEngineRead({
  name: 'compose_list',
  title: 'List compose projects',
  description:
    'Compose projects of one host or many: how much of each runs, its services, and the folder and files that the other compose tools take. ' +
    'Projects are found by the labels of their containers, also stopped ones; compose_diff says whether one still matches its file.',
  input: {},
  row: { projects: z.array(ProjectRow) },
  look: async (engine, _, context) => ({ projects: await listProjects(context, engine) }),
  text: (row) => {
    const shown = row.projects.slice(0, MAX_TEXT_ROWS).map(line);
    const more = row.projects.length - shown.length;
    const head = `${row.alias}: ${row.projects.length} projects`;
    if (shown.length === 0) return head;
    const rows = [...shown, ...(more > 0 ? [`… ${more} more in the data`] : [])];
    return `${head}\n${fenceRemote(rows.join('\n'), 'projects')}`;
  },
});

function line({
  project,
  state,
  running,
  containers,
  unhealthy,
  services,
  folder,
  onDisk,
}: ProjectRow): string {
  const ill = unhealthy > 0 ? `, ${unhealthy} UNHEALTHY` : '';
  const gone = onDisk ? '' : ' (its file is gone)';
  return cell(
    `${project} ${state} ${running}/${containers}${ill}: ${services.slice(0, 12).join(', ')} in ${folder}${gone}`,
    400,
  );
}
