import { setTimeout as delay } from 'node:timers/promises';
import { type BackgroundWork, isFlotillaError, type ServiceHost } from '@flotilla/core';
import type { Metrics } from '@flotilla/metrics';
import { latestReadings } from '../series/latest-readings.ts';
import { metricsStore } from '../series/metrics-store.ts';
import { sampleHost } from './sample-host.ts';
import { type SamplingSettings, samplingSettings } from './settings.ts';

const PRUNE_MS = 3_600_000;
/** How often the list of hosts is looked at again. */
const ROLL_CALL_MS = 2_000;

/** Looks at every host regularly, in one process of a data folder. */
export const sampler: BackgroundWork = {
  name: 'sampler',
  wanted: (host) => samplingSettings(host).enabled,
  async run(host, signal) {
    const settings = samplingSettings(host);
    const metrics = await host.use(metricsStore);
    const loops = new Map<string, { stop: AbortController; done: Promise<void> }>();
    const pruning = pruneRegularly(metrics, host, signal);
    while (!signal.aborted) {
      const wanted = new Set(aliases(host, settings));
      for (const [alias, { stop }] of loops) {
        if (wanted.has(alias)) continue;
        stop.abort();
        loops.delete(alias);
      }
      const fresh = [...wanted].filter((alias) => !loops.has(alias));
      const before = fresh.length === 0 ? new Map() : await latestReadings(metrics, fresh);
      for (const alias of fresh) {
        const stop = new AbortController();
        const done = sampleHost({
          alias,
          intervalMs: settings.intervalMs,
          hosts: host.hosts,
          metrics,
          log: host.log,
          before: before.get(alias)?.reading,
          signal: AbortSignal.any([signal, stop.signal]),
        });
        loops.set(alias, { stop, done });
      }
      await pause(ROLL_CALL_MS, signal);
    }
    await Promise.all([pruning, ...[...loops.values()].map(({ done }) => done)]);
  },
};

/** The list may be empty, and a group of the config may not exist yet. */
function aliases({ hosts, log }: ServiceHost, settings: SamplingSettings): string[] {
  try {
    return hosts.resolve(settings.hosts).map(({ alias }) => alias);
  } catch (error) {
    if (!isFlotillaError(error) || error.code !== 'NOT_FOUND') throw error;
    log.debug({ err: error }, 'no host to look at');
    return [];
  }
}

async function pruneRegularly(metrics: Metrics, { log }: ServiceHost, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await metrics
      .prune()
      .catch((error: unknown) => log.warn({ err: error }, 'old samples could not be dropped'));
    await pause(PRUNE_MS, signal);
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<unknown> =>
  delay(ms, undefined, { signal, ref: false }).catch(() => undefined);
