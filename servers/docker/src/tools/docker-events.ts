import {
  anyHostFailed,
  defineTool,
  eachHost,
  fanOutArguments,
  HostTarget,
  hostRowSchema,
  type JobContext,
  rowsText,
  targetText,
} from '@flotilla/core';
import { quote } from '@flotilla/ssh';
import { z } from 'zod';
import { containerName, epochSeconds, followArguments, since } from '../lib/arguments.ts';
import { clientOf } from '../lib/containers/details.ts';
import { withEngine } from '../lib/engine/index.ts';
import { EventRow, parseEvents } from '../lib/events/events.ts';
import { table } from '../lib/text.ts';

const MAX_BYTES = 8 * 1024 * 1024;

const Events = z.object({ total: z.number().int(), events: z.array(EventRow) });
type Events = z.infer<typeof Events>;

interface Query {
  since: string;
  until?: string | undefined;
  container?: string | undefined;
  type?: string | undefined;
  limit: number;
  timeout: number;
}

const filtersOf = ({ container, type }: Query): Record<string, string[]> => ({
  ...(container && { container: [container] }),
  ...(type && { type: [type] }),
});

async function look(job: JobContext, alias: string, input: Query): Promise<Events> {
  const until = input.until === undefined ? Math.floor(Date.now() / 1000) : epochSeconds(input.until);
  const query = { since: epochSeconds(input.since), until, filters: filtersOf(input) };
  const { body } = await withEngine(job, alias, (engine) =>
    engine.send('/events', { query, maxBytes: MAX_BYTES, signal: job.signal }),
  );
  return parseEvents(body.toString('utf8'), input.limit);
}

/** New ones until the time is over. */
async function follow(job: JobContext, alias: string, input: Query): Promise<Events> {
  const client = await job.step.repeatable(
    'find',
    () => withEngine(job, alias, async (engine) => clientOf(engine)),
    { alias },
  );
  const flags = Object.entries(filtersOf(input)).flatMap(([name, values]) =>
    values.map((value) => ` --filter ${quote(`${name}=${value}`)}`),
  );
  const result = await job.step.command('follow', alias, {
    command: `exec ${client} events --format '{{json .}}'${flags.join('')}`,
    timeoutMs: input.timeout * 1000,
  });
  return parseEvents(result.stdout.text, input.limit);
}

export const dockerEvents = defineTool({
  name: 'docker_events',
  title: 'Engine events',
  description:
    'What happened to containers, images, networks and volumes of one host or many in a window of time: started, died with which exit code, out of memory, pulled, removed. ' +
    'An engine remembers only its newest events (Docker 256, and none from before its own start). ' +
    'follow waits for new ones until its time is over, as a run.',
  effect: 'read',
  input: z.object({
    alias: HostTarget,
    since: since.default('1h').describe('Begin of the window; default 1h ago'),
    until: since.optional().describe('End of the window; default now'),
    container: containerName.optional().describe('Only events of this container'),
    type: z
      .enum(['container', 'image', 'network', 'volume', 'daemon'])
      .optional()
      .describe('Only events of this kind'),
    limit: z.number().int().min(1).max(2000).default(200).describe('Newest events; default 200'),
    ...followArguments,
    ...fanOutArguments,
  }),
  output: z.object({ rows: z.array(hostRowSchema(Events.shape)) }),
  isError: anyHostFailed,
  job: {
    timeoutMs: 0,
    summary: ({ alias }) => `${targetText(alias)}: follow the events of its engine`,
    inline: ({ follow }) => !follow,
  },
  run: async (job, input) => ({
    rows: await eachHost(job, input, (alias) => (input.follow ? follow : look)(job, alias, input)),
  }),
  text: ({ rows: hosts }) =>
    rowsText<Events>(hosts, ({ alias, total, events }) => {
      if (total === 0) return `${alias}: no events in that time.`;
      const rows = events.map(({ time, type, action, name, detail }) => [
        time,
        type,
        action,
        name,
        detail ?? '',
      ]);
      const head = `${alias}: ${total} events${total > events.length ? `, the newest ${events.length} shown` : ''}`;
      return `${head}\n${table(alias, ['time', 'type', 'action', 'name', 'detail'], rows, Math.max(10, Math.floor(200 / hosts.length)))}`;
    }),
});
