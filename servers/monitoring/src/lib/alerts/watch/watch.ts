import { setTimeout as delay } from 'node:timers/promises';
import { type BackgroundWork, forEachHost } from '@flotilla/core';
import type { SeriesValue } from '@flotilla/metrics';
import { metricsStore } from '../../series/metrics-store.ts';
import { knownHosts } from '../centre.ts';
import { alertsWanted } from '../settings.ts';
import { readWatch } from './read-watch.ts';

const EVERY_MS = 60_000;

/** Once a minute: failed units and restarts of containers become series. A host that does not answer has none. */
export const unitWatch: BackgroundWork = {
  name: 'unit-watch',
  wanted: alertsWanted,
  async run(host, signal) {
    const metrics = await host.use(metricsStore);
    const failedBefore = new Map<string, ReadonlySet<string>>();
    while (!signal.aborted) {
      const context = { hosts: host.hosts, signal };
      await forEachHost(knownHosts(host.hosts), { signal, maxParallel: 10 }, async (alias) => {
        const { failedUnits, restarts } = await readWatch(context, alias);
        const values = [...unitValues(failedUnits, failedBefore.get(alias)), ...restarts];
        failedBefore.set(alias, new Set(failedUnits));
        if (values.length > 0) await metrics.append([{ host: alias, at: Date.now(), values }]);
      });
      await delay(EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  },
};

/** A unit that recovered says so once; after that it has no value. */
export function unitValues(
  failed: readonly string[],
  before: ReadonlySet<string> = new Set(),
): SeriesValue[] {
  const now = new Set(failed);
  const value = (name: string, one: number): SeriesValue => ({
    name: 'node_systemd_unit_state',
    labels: { name, state: 'failed' },
    value: one,
  });
  return [
    ...failed.map((name) => value(name, 1)),
    ...[...before].filter((name) => !now.has(name)).map((name) => value(name, 0)),
  ];
}
