import type { Metrics } from '@flotilla/metrics';
import type { CheckStore, StoredResult } from '../checks/store.ts';
import {
  FORECAST_KINDS,
  type ForecastKind,
  forecastHost,
  type ResourceForecast,
} from '../forecast/forecast-host.ts';
import type { ComputedSeries, Element } from './promql/source.ts';

/** A forecast looks at a month of hours: once in ten minutes is enough. */
const FORECAST_MS = 600_000;
/** A result older than this says nothing of now. */
const MAX_AGE_MS = 3_600_000;

/**
 * Series that rules may use beside the samples: forecasts (days until a resource is full, by the robust slope; no
 * element where nothing fills up) and the results of checks in the words of blackbox_exporter.
 */
export function computedSeries(parts: {
  metrics: Metrics;
  checks: Pick<CheckStore, 'list' | 'results'>;
  hosts(): readonly string[];
}): ComputedSeries {
  const forecasts = new Map<string, { slot: number; found: Promise<ResourceForecast[]> }>();
  const forecastOf = (host: string, kind: ForecastKind, at: number): Promise<ResourceForecast[]> => {
    const key = `${kind} ${host}`;
    const slot = Math.floor(at / FORECAST_MS);
    const known = forecasts.get(key);
    if (known?.slot === slot) return known.found;
    const found = forecastHost(parts.metrics, host, [kind], at);
    found.catch(() => forecasts.delete(key));
    forecasts.set(key, { slot, found });
    return found;
  };
  const fullDays =
    (kind: ForecastKind) =>
    async (at: number): Promise<Element[]> => {
      const elements: Element[] = [];
      for (const host of parts.hosts())
        for (const one of await forecastOf(host, kind, at)) {
          const days = daysLeft(one);
          const labels = {
            instance: host,
            ...(one.mountpoint !== undefined && { mountpoint: one.mountpoint }),
          };
          if (days !== undefined) elements.push({ labels, value: days });
        }
      return elements;
    };
  const ofChecks =
    (read: (result: StoredResult) => number | undefined) =>
    async (at: number): Promise<Element[]> =>
      parts.checks.list().flatMap(({ name, kind, target, intervalSeconds }) => {
        const [last] = parts.checks.results(name, 1);
        const value =
          last && at - last.at <= Math.max(MAX_AGE_MS, 3_000 * intervalSeconds) ? read(last) : undefined;
        return value === undefined
          ? []
          : [{ labels: { check: name, kind, target: target.slice(0, 200) }, value }];
      });
  return {
    ...Object.fromEntries(FORECAST_KINDS.map((kind) => [`flotilla:${kind}_full_days`, fullDays(kind)])),
    probe_success: ofChecks(({ status }) => (status === 'unknown' ? undefined : Number(status === 'up'))),
    probe_duration_seconds: ofChecks(({ ms }) => (ms === undefined ? undefined : ms / 1000)),
    probe_ssl_earliest_cert_expiry: ofChecks(certificateExpiry),
  };
}

/** An acute growth is a rule of its own; a forecast with little ground is none. */
function daysLeft({ state, fullIn, confidence }: ResourceForecast): number | undefined {
  if (state === 'full') return 0;
  return (state === 'filling' || state === 'acute') && confidence === 'normal' ? fullIn?.days : undefined;
}

/** The checks tell the days that a certificate is still good for in words of ours. */
function certificateExpiry({ at, vantages }: StoredResult): number | undefined {
  const days = vantages.flatMap(({ detail = '', reason = '' }) => {
    const [, left] = /(?:^|expires in )(-?\d{1,5}) days?(?: left|$)/.exec(detail || reason) ?? [];
    return left === undefined ? [] : [Number(left)];
  });
  return days.length === 0 ? undefined : Math.round(at / 1000) + Math.min(...days) * 86_400;
}
