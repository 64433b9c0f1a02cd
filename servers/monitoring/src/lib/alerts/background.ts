import { setTimeout as delay } from 'node:timers/promises';
import type { BackgroundWork, ServiceHost } from '@flotilla/core';
import { deliver } from '../notify/deliver.ts';
import { dispatch } from '../notify/dispatcher.ts';
import { maskStrings } from '../notify/mask.ts';
import { metricsStore } from '../series/metrics-store.ts';
import type { Alert } from './alert.ts';
import { gatherCause, withFolders } from './cause/gather.ts';
import { type AlertCentre, alertCentre, knownHosts } from './centre.ts';
import { createEvaluator } from './evaluator.ts';
import { expireIncoming } from './incoming.ts';
import { alertSettings, alertsWanted } from './settings.ts';

/** Notices are looked after this often, between evaluations. */
const STEP_MS = 2_000;
const CAUSES_AT_ONCE = 5;
/** What began longer ago than this is not explained by how the host is now. */
const FRESH_MS = 10 * 60_000;

/** Evaluates rules, gathers causes and delivers notices, in one process of a data folder. */
export const alerting: BackgroundWork = {
  name: 'alerts',
  wanted: alertsWanted,
  async run(host, signal) {
    const centre = await host.use(alertCentre);
    const metrics = await host.use(metricsStore);
    const { evaluateS, notifyBases: bases } = alertSettings(host);
    const evaluator = createEvaluator({
      ...centre,
      metrics,
      hosts: () => knownHosts(host.hosts),
      maxGapMs: Math.max(60_000, 4_000 * evaluateS),
      log: host.log,
    });
    const causes = causeGatherer(host, centre, signal);
    let delivering: Promise<unknown> = Promise.resolve();
    let isDelivering = false;
    for (let due = 0; !signal.aborted; await pause(STEP_MS, signal)) {
      const now = Date.now();
      if (now >= due) {
        due = now + evaluateS * 1000;
        await evaluator.tick(now);
        await expireIncoming(centre.alerts, now);
        causes.start(now);
      }
      await dispatch({ ...centre, state: host.state }, Date.now());
      if (isDelivering) continue;
      isDelivering = true;
      delivering = deliver({ ...centre, redactor: host.redactor, bases, log: host.log }, Date.now())
        .catch((error: unknown) => host.log.warn({ err: error }, 'notices could not be delivered'))
        .finally(() => {
          isDelivering = false;
        });
    }
    await Promise.all([delivering, causes.settled()]);
  },
};

/** Looks at the hosts of fresh alerts that have no cause yet, a few at a time; evaluation does not wait for it. */
function causeGatherer(host: ServiceHost, { alerts }: AlertCentre, signal: AbortSignal) {
  const running = new Map<string, Promise<void>>();
  const explain = async (alert: Alert): Promise<void> => {
    const metrics = await host.use(metricsStore);
    const parts = { hosts: host.hosts, audit: host.audit, metrics };
    const cause = maskStrings(host.redactor, await gatherCause(parts, alert, Date.now(), signal));
    await alerts.setCause(alert.fingerprint, cause);
    const more = await withFolders(parts, alert, cause, { now: Date.now(), signal });
    if (more !== cause) await alerts.setCause(alert.fingerprint, maskStrings(host.redactor, more));
  };
  return {
    start(now: number): void {
      for (const alert of alerts.all()) {
        if (running.size >= CAUSES_AT_ONCE) return;
        const wanted = alert.source === 'rule' && alert.state === 'firing' && alert.cause === undefined;
        if (!wanted || running.has(alert.fingerprint) || now - (alert.firedAt ?? 0) > FRESH_MS) continue;
        const work = explain(alert)
          .catch((error: unknown) => {
            if (!signal.aborted)
              host.log.warn({ err: error, rule: alert.rule }, 'the cause of an alert could not be found');
          })
          .finally(() => running.delete(alert.fingerprint));
        running.set(alert.fingerprint, work);
      }
    },
    settled: () => Promise.allSettled(running.values()),
  };
}

const pause = (ms: number, signal: AbortSignal): Promise<unknown> =>
  delay(ms, undefined, { signal, ref: false }).catch(() => undefined);
