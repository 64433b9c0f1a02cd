import type { HttpPage } from '@flotilla/core';
import { latestReadings } from '../series/latest-readings.ts';
import { metricsStore } from '../series/metrics-store.ts';
import { exposition, type Family } from './exposition.ts';
import { nodeFamilies } from './node-families.ts';

/** Readings that are older say nothing about now; Prometheus itself lets a series go after five minutes. */
const FRESH_MS = 5 * 60_000;

/** The last look at every host in the names of node_exporter; hosts are told apart by `instance` (use honor_labels). */
export const metricsPage: HttpPage = {
  path: '/metrics',
  render: async (host) => {
    const now = Date.now();
    const metrics = await host.use(metricsStore);
    const [up, tookS, readings] = await Promise.all([
      metrics.instant({ name: 'up', at: now, lookbackMs: FRESH_MS }),
      metrics.instant({ name: 'scrape_duration_seconds', at: now, lookbackMs: FRESH_MS }),
      latestReadings(metrics),
    ]);
    const answering = new Set(up.filter(({ value }) => value === 1).map((one) => one.host));
    const fresh = new Map(
      [...readings]
        .filter(([alias, { at }]) => answering.has(alias) && now - at < FRESH_MS)
        .map(([alias, { reading }]) => [alias, reading]),
    );
    const own: Family[] = [
      {
        name: 'up',
        type: 'gauge',
        help: 'Whether the last look at the host was answered.',
        samples: up.map((one) => ({ labels: { instance: one.host }, value: one.value })),
      },
      {
        name: 'flotilla_look_duration_seconds',
        type: 'gauge',
        help: 'How long the last look took.',
        samples: tookS.map((one) => ({ labels: { instance: one.host }, value: one.value })),
      },
    ];
    return {
      type: 'text/plain; version=0.0.4; charset=utf-8',
      body: exposition([...own, ...nodeFamilies(fresh)]),
    };
  },
};
