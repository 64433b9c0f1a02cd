import { forEachHost } from '@flotilla/core';
import type { Metrics } from '@flotilla/metrics';
import { z } from 'zod';
import { type CheckState, stateOf } from '../checks/state.ts';
import type { CheckStore } from '../checks/store.ts';
import { FORECAST_KINDS, forecastHost, type ResourceForecast, urgency } from '../forecast/forecast-host.ts';
import { forecastText } from '../forecast/render-forecast.ts';

export const Risk = z.object({
  kind: z.enum(['forecast', 'check', 'unit', 'restarts']),
  alias: z.string().optional(),
  what: z.string(),
  days: z.number().optional().describe('Until it hurts'),
});
export type Risk = z.infer<typeof Risk>;

/** Further away than this is no risk of today. */
const HORIZON_DAYS = 30;

/** What will or does hurt: forecasts within a month, checks that are down, failed units, containers that restart. */
export async function risksOf(
  { metrics, checks }: { metrics: Metrics; checks: CheckStore },
  hosts: readonly string[],
  now: number,
): Promise<{ risks: Risk[]; checks: CheckState[] }> {
  const forecasts = await forEachHost(hosts, { maxParallel: 4 }, (alias) =>
    forecastHost(metrics, alias, FORECAST_KINDS, now),
  );
  const filling = forecasts.flatMap(({ alias, value }) =>
    (value ?? []).filter(isRisk).map((one) => ({ alias, one })),
  );
  const states = checks.list().map((check) => stateOf(checks, check, now));
  const down = states.filter(({ status }) => status === 'down');
  const [units, restarts] = await Promise.all([
    metrics.instant({ name: 'node_systemd_unit_state', hosts, at: now }),
    metrics.instant({ name: 'flotilla_container_restarts', hosts, at: now }),
  ]);
  const risks: Risk[] = [
    ...filling.map(
      ({ alias, one }): Risk => ({
        kind: 'forecast',
        alias,
        what: forecastText(one),
        days: Math.round(urgency(one) * 10) / 10,
      }),
    ),
    ...down.map(
      ({ name, reason, since }): Risk => ({
        kind: 'check',
        what: `check ${name} is down${reason ? `: ${reason}` : ''}${since ? ` since ${since}` : ''}`,
      }),
    ),
    ...units
      .filter(({ value }) => value === 1)
      .map(({ host, labels }): Risk => ({ kind: 'unit', alias: host, what: `${labels['name']} is failed` })),
    ...restarts
      .filter(({ value }) => value >= 3)
      .map(
        ({ host, labels, value }): Risk => ({
          kind: 'restarts',
          alias: host,
          what: `container ${labels['name']} was restarted ${value} times`,
        }),
      ),
  ];
  return { risks: risks.sort((a, b) => (a.days ?? 0) - (b.days ?? 0)), checks: states };
}

const isRisk = (one: ResourceForecast): boolean => urgency(one) <= HORIZON_DAYS;
