import { formatDuration } from '@flotilla/core';
import type { RunsEngine } from '@flotilla/jobs';
import type { Finding, Probe } from './finding.ts';

const LONG_WAIT_MS = 60_000;

/** Does the queue move, how full is it, and does a run wait for a person? */
export function queueProbe(engine: Pick<RunsEngine, 'stats'>, maxOpenRuns: number): Probe {
  return {
    area: 'run queue',
    look: () => {
      const { byStatus, depth, oldestWaitMs, driver } = engine.stats();
      const open = (['scheduled', 'queued', 'running', 'waiting', 'cancelling', 'compensating'] as const)
        .map((state) => byStatus[state] ?? 0)
        .reduce((sum, count) => sum + count, 0);
      const facts = { open, depth, oldestWaitMs, driver: driver.name, processes: driver.processes };
      const found: Omit<Finding, 'area'>[] = [
        driver.ok
          ? {
              status: 'ok',
              finding: `${open} open runs, ${depth} waiting, ${driver.processes} process(es)`,
              facts,
            }
          : {
              status: 'fail',
              finding: `The ${driver.name} queue is not working: ${driver.detail}`,
              remedy:
                driver.name === 'embedded'
                  ? 'Read task_logs, then restart this process.'
                  : 'Start the Redis of the queue or correct FLOTILLA_REDIS_URL; what is queued goes on by itself then.',
              facts,
            },
      ];
      for (const warning of driver.warnings ?? [])
        found.push({
          status: 'warn',
          finding: warning,
          remedy: 'docs/configuration.md, "The queue in a Redis"',
        });
      if (open >= maxOpenRuns * 0.8)
        found.push({
          status: open >= maxOpenRuns ? 'fail' : 'warn',
          finding: `${open} of at most ${maxOpenRuns} open runs`,
          remedy: 'See task_queue; cancel what is not needed, or raise MAX_QUEUE_SIZE.',
        });
      if (depth > 0 && oldestWaitMs !== null && oldestWaitMs > LONG_WAIT_MS)
        found.push({
          status: 'warn',
          finding: `A run has been waiting to start for ${formatDuration(oldestWaitMs)}`,
          remedy: 'task_queue says what it waits for.',
        });
      const held = byStatus.interrupted ?? 0;
      if (held > 0)
        found.push({
          status: 'warn',
          finding: `${held} interrupted run(s): whether they took effect is not known`,
          remedy:
            'Find them with task_history {"state":"interrupted"}, look at the hosts, then: flotilla task resolve ID',
        });
      return found;
    },
  };
}
