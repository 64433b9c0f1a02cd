import {
  anyHostFailed,
  defineTool,
  failedHostText,
  fanOutArguments,
  fenceRemote,
  HostTarget,
  hostRowSchema,
  hostRows,
} from '@flotilla/core';
import { z } from 'zod';
import { MAX_TEXT_ROWS } from '../lib/compose/limits.ts';
import { listProjects, ProjectRow } from '../lib/compose/list-projects.ts';
import { withEngine } from '../lib/engine/index.ts';
import { cell } from '../lib/text.ts';

export const composeList = defineTool({
  name: 'compose_list',
  title: 'List compose projects',
  description:
    'Compose projects of one host or many: how much of each runs, its services, and the folder and files that the other compose tools take. ' +
    'Projects are found by the labels of their containers, also stopped ones; compose_diff says whether one still matches its file.',
  effect: 'read',
  input: z.object({ alias: HostTarget, ...fanOutArguments }),
  output: z.object({ rows: z.array(hostRowSchema({ projects: z.array(ProjectRow) })) }),
  isError: anyHostFailed,
  run: async (context, input) => ({
    rows: await hostRows(context, input, (alias) =>
      withEngine(context, alias, async (engine) => ({ projects: await listProjects(context, engine) })),
    ),
  }),
  text: ({ rows }) =>
    rows
      .map((row) => {
        if (row.state !== 'ok' || !row.projects) return failedHostText(row);
        const shown = row.projects.slice(0, MAX_TEXT_ROWS).map(line);
        const more = row.projects.length - shown.length;
        const head = `${row.alias}: ${row.projects.length} projects`;
        if (shown.length === 0) return head;
        const rows = [...shown, ...(more > 0 ? [`… ${more} more in the data`] : [])];
        return `${head}\n${fenceRemote(rows.join('\n'), 'projects')}`;
      })
      .join('\n'),
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
