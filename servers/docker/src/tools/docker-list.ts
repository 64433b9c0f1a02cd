import { z } from 'zod';
import { addRestarts } from '../lib/containers/restarts.ts';
import { ContainerRow, containerRow, listContainers } from '../lib/containers/summary.ts';
import { defineEngineRead } from '../lib/engine-read.ts';
import { table } from '../lib/text.ts';

const ORDER = ['restarting', 'dead', 'exited', 'paused', 'created', 'running'];

export const dockerList = defineEngineRead({
  name: 'docker_list',
  title: 'List containers',
  description:
    'Containers of one host or many, stopped ones too, with state, health, compose project and published ports; those that keep restarting come first. ' +
    'For what is wrong and why use docker_problems, for one container docker_inspect. Docker and Podman.',
  input: {
    project: z.string().min(1).max(255).optional().describe('Only this compose project'),
    text: z.string().min(1).max(255).optional().describe('Only containers whose name or image contains this'),
    running: z.boolean().default(false).describe('Only running ones'),
    limit: z.number().int().min(1).max(2000).default(200).describe('Containers per host at most'),
  },
  row: {
    engine: z.string(),
    total: z.number().int(),
    up: z.number().int(),
    leftOut: z.number().int(),
    containers: z.array(ContainerRow),
  },
  look: async (engine, input, context) => {
    const all = await listContainers(engine, { signal: context.signal });
    const rows = await addRestarts(engine, all, all.map(containerRow), context.signal);
    const { project, text, running } = input;
    const wanted = rows
      .filter((row) => project === undefined || row.project === project)
      .filter((row) => text === undefined || row.name.includes(text) || row.image.includes(text))
      .filter((row) => !running || row.state === 'running');
    const containers = wanted.toSorted(worstFirst).slice(0, input.limit);
    return {
      engine: `${engine.kind} ${engine.version}`,
      total: wanted.length,
      up: wanted.filter(({ state }) => state === 'running').length,
      leftOut: wanted.length - containers.length,
      containers,
    };
  },
  text: (row) => {
    const looping = row.containers.filter((one) => one.looping).length;
    const ill = row.containers.filter(({ health }) => health === 'unhealthy').length;
    const notes = [
      ...(looping > 0 ? [`${looping} in a restart loop`] : []),
      ...(ill > 0 ? [`${ill} unhealthy`] : []),
      ...(row.leftOut ? [`${row.leftOut} left out (raise limit)`] : []),
    ];
    const head = `${row.alias} (${row.engine}): ${row.up} of ${row.total} containers run${notes.map((note) => `, ${note}`).join('')}`;
    if (row.containers.length === 0) return head;
    const lines = row.containers.map((one) => [
      one.name,
      one.looping ? `LOOP (${one.restarts} restarts)` : one.status || one.state,
      one.image,
      one.project ? `${one.project}/${one.service ?? ''}` : '',
      (one.ports ?? []).join(' '),
    ]);
    return `${head}\n${table(row.alias, ['name', 'status', 'image', 'project', 'ports'], lines)}`;
  },
});

function worstFirst(a: ContainerRow, b: ContainerRow): number {
  const rank = (row: ContainerRow): number =>
    row.looping ? -2 : row.health === 'unhealthy' ? -1 : ORDER.indexOf(row.state);
  return (
    rank(a) - rank(b) || (a.project ?? '').localeCompare(b.project ?? '') || a.name.localeCompare(b.name)
  );
}
