import { defineService } from '@flotilla/core';
import { checks } from '../checks/service.ts';
import { type NotifierStore, notifierStore } from '../notify/notifier-store.ts';
import { type Outbox, outbox } from '../notify/outbox.ts';
import { createTransportLayer, type Transport } from '../notify/transport.ts';
import { vantages } from '../probe/service.ts';
import { metricsStore } from '../series/metrics-store.ts';
import { type AlertStore, alertStore } from './alert-store.ts';
import { computedSeries } from './computed-series.ts';
import type { ComputedSeries } from './promql/source.ts';
import { type RuleStore, ruleStore } from './rule-store.ts';
import { type SilenceStore, silenceStore } from './silence-store.ts';

export interface AlertCentre {
  rules: RuleStore;
  alerts: AlertStore;
  silences: SilenceStore;
  notifiers: NotifierStore;
  outbox: Outbox;
  transport: Transport;
  /** Series beside the samples that rules may use. */
  computed: ComputedSeries;
}

/** Rules, alerts, silences, notifiers and the outbox, shared by the tools and the background work of a process. */
export const alertCentre = defineService<AlertCentre>({
  name: 'alerts',
  open: async (host) => {
    const { state } = host;
    const [{ policy }, metrics, checkStore] = await Promise.all([
      host.use(vantages),
      host.use(metricsStore),
      host.use(checks),
    ]);
    return {
      rules: ruleStore(state),
      alerts: alertStore(state),
      silences: silenceStore(state),
      notifiers: notifierStore(host),
      outbox: outbox(state),
      transport: createTransportLayer(policy),
      computed: computedSeries({ metrics, checks: checkStore, hosts: () => knownHosts(host.hosts) }),
    };
  },
  close: ({ transport }) => transport.close(),
});

/** Aliases of all hosts; none yet is no failure. */
export function knownHosts(hosts: { resolve(target: string): { alias: string }[] }): string[] {
  try {
    return hosts.resolve('all').map(({ alias }) => alias);
  } catch {
    return [];
  }
}
