import { type AnyTool, defineTool, formatDuration } from '@flotilla/core';
import { z } from 'zod';
import { textTable } from '../text/table.ts';
import type { RunToolsDeps } from './deps.ts';

export function queueStats(deps: RunToolsDeps): AnyTool {
  return defineTool({
    name: 'queue_stats',
    title: 'Numbers of the run queue',
    description:
      'Counts runs by state and by tool, with success rate, average duration, queue depth, the oldest wait and the health of the queue.',
    effect: 'read',
    openWorld: false,
    input: z.object({}),
    output: z.object({
      total: z.number(),
      byStatus: z.record(z.string(), z.number()),
      byType: z.record(z.string(), z.number()).describe('By tool'),
      avgDuration: z.number().nullable().describe('Milliseconds, of ended runs'),
      successRate: z.number().nullable().describe('0–1, of ended runs'),
      depth: z.number().describe('Runs that wait to start'),
      oldestWaitMs: z.number().nullable(),
      driver: z.object({ ok: z.boolean(), name: z.string(), detail: z.string(), processes: z.number() }),
    }),
    run: async () => {
      const { byStatus, driver, ...stats } = deps.engine.stats();
      const { ok, name, detail, processes } = driver;
      return {
        ...stats,
        byStatus: { ...byStatus } as Record<string, number>,
        driver: { ok, name, detail, processes },
      };
    },
    text: (stats) => {
      const rate =
        stats.successRate === null ? 'none ended' : `${Math.round(stats.successRate * 100)} % succeeded`;
      const took = stats.avgDuration === null ? '' : `, ${formatDuration(stats.avgDuration)} on average`;
      const waits =
        stats.oldestWaitMs === null ? '' : `, the oldest for ${formatDuration(stats.oldestWaitMs)}`;
      const { ok, name, detail, processes } = stats.driver;
      return [
        `${stats.total} runs: ${rate}${took}; ${stats.depth} waiting${waits}`,
        `Queue ${name}: ${ok ? 'ok' : 'NOT OK'}, ${processes} process${processes === 1 ? '' : 'es'}${detail ? `, ${detail}` : ''}`,
        textTable(
          ['state', 'runs'],
          Object.entries(stats.byStatus).map(([state, count]) => [state, String(count)]),
        ),
        textTable(
          ['tool', 'runs'],
          Object.entries(stats.byType).map(([tool, count]) => [tool, String(count)]),
        ),
      ].join('\n');
    },
  });
}
