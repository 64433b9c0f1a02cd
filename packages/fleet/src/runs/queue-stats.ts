import { type AnyTool, defineTool, formatDuration } from '@flotilla/core';
import { z } from 'zod';
import { textTable } from '../text/table.ts';
import type { RunToolsDeps } from './deps.ts';
import { askElsewhere, Missing, missingText } from './elsewhere.ts';
import { addStats, Driver, Stats, sameRuns } from './stats.ts';

type Health = z.output<typeof Driver>;

const driverText = ({ ok, name, detail, processes }: Health): string =>
  `${name}: ${ok ? 'ok' : 'NOT OK'}, ${processes} process${processes === 1 ? '' : 'es'}${detail ? `, ${detail}` : ''}`;

export function queueStats(deps: RunToolsDeps): AnyTool {
  return defineTool({
    name: 'queue_stats',
    title: 'Numbers of the run queue',
    description:
      'Counts runs by state and by tool, with success rate, average duration, queue depth, the oldest wait and the health of the queue.',
    effect: 'read',
    openWorld: false,
    input: z.object({}),
    output: Stats.extend({
      mounts: z
        .array(z.object({ mount: z.string(), total: z.number(), depth: z.number(), driver: Driver }))
        .optional()
        .describe('Mounted servers with runs of their own, which are counted in'),
      missing: Missing,
    }),
    run: async ({ principal, signal }) => {
      const { found, missing } = await askElsewhere(deps, { principal, signal }, async (mount, call) => ({
        mount: mount.mount,
        stats: Stats.parse(await mount.ask('queue_stats', {}, call)),
      }));
      const { driver, byStatus, ...own } = deps.engine.stats();
      const { ok, name, detail, processes } = driver;
      const counts = Object.entries(byStatus).map(([state, count]) => [state, count ?? 0] as const);
      const here = { ...own, byStatus: Object.fromEntries(counts), driver: { ok, name, detail, processes } };
      const folders: Stats[] = [];
      for (const stats of [here, ...found.map((one) => one.stats)])
        if (!folders.some((known) => sameRuns(known, stats))) folders.push(stats);
      return {
        ...folders.reduce(addStats),
        ...(found.length > 0 && {
          mounts: found.map(({ mount, stats: { total, depth, driver: health } }) => ({
            mount,
            total,
            depth,
            driver: health,
          })),
        }),
        ...(missing.length > 0 && { missing }),
      };
    },
    text: (stats) => {
      const rate =
        stats.successRate === null ? 'none ended' : `${Math.round(stats.successRate * 100)} % succeeded`;
      const took = stats.avgDuration === null ? '' : `, ${formatDuration(stats.avgDuration)} on average`;
      const waits =
        stats.oldestWaitMs === null ? '' : `, the oldest for ${formatDuration(stats.oldestWaitMs)}`;
      return [
        `${stats.total} runs: ${rate}${took}; ${stats.depth} waiting${waits}`,
        `Queue ${driverText(stats.driver)}`,
        ...(stats.mounts ?? []).map(
          ({ mount, total, depth, driver }) =>
            `Of ${mount}: ${total} runs, ${depth} waiting; queue ${driverText(driver)}`,
        ),
        textTable(
          ['state', 'runs'],
          Object.entries(stats.byStatus).map(([state, count]) => [state, String(count)]),
        ),
        textTable(
          ['tool', 'runs'],
          Object.entries(stats.byType).map(([tool, count]) => [tool, String(count)]),
        ),
      ]
        .join('\n')
        .concat(missingText(stats.missing));
    },
  });
}
