import type { AuditReader } from '@flotilla/core';
import type { Metrics } from '@flotilla/metrics';
import { z } from 'zod';
import type { AlertCentre } from '../alerts/centre.ts';
import { alertViews } from '../alerts/views.ts';
import type { CheckStore } from '../checks/store.ts';
import { alertHistory, ReportAlert } from './alert-history.ts';
import { changesOf, ReportChange } from './changes.ts';
import { periodOf } from './period.ts';
import { Risk, risksOf } from './risks.ts';
import { Consumer, HostUsage, hostUsage, topConsumers } from './usage.ts';

export const Report = z.object({
  period: z.enum(['daily', 'weekly']),
  from: z.string(),
  to: z.string(),
  alerts: z.array(ReportAlert),
  risks: z.array(Risk),
  changes: z.array(ReportChange),
  hosts: z.array(HostUsage),
  consumers: z.array(Consumer),
  checks: z.array(z.object({ name: z.string(), status: z.string(), upPercent: z.number().optional() })),
  notices: z.array(z.string()).describe('Silences in force, and notifiers with trouble'),
  leftOut: z.array(z.string()),
});
export type Report = z.infer<typeof Report>;

export interface ReportParts {
  audit: AuditReader;
  metrics: Metrics;
  checks: CheckStore;
  centre: Pick<AlertCentre, 'alerts' | 'silences' | 'notifiers' | 'outbox'>;
}

const CAPS = { alerts: 60, risks: 60, changes: 60, hosts: 80, checks: 60 } as const;
const CONSUMERS = 15;

/** What happened, what changed and what is at risk, from what is known here; no host is asked. */
export async function makeReport(
  { audit, metrics, checks, centre }: ReportParts,
  { period: kind, hosts, now }: { period: 'daily' | 'weekly'; hosts: readonly string[]; now: number },
): Promise<Report> {
  const period = periodOf(kind, now);
  const names = new Set(hosts);
  const ofHosts = (alias: string | undefined): boolean => alias === undefined || names.has(alias);
  const views = alertViews(centre, now).filter(
    ({ alias, source }) => ofHosts(alias) || source === 'alertmanager',
  );
  const events = centre.alerts.events(period).filter(({ labels }) => ofHosts(labels['instance']));
  const [{ risks, checks: states }, usage, consumers] = await Promise.all([
    risksOf({ metrics, checks }, hosts, now),
    hostUsage(metrics, hosts, period),
    topConsumers(metrics, hosts, period, CONSUMERS),
  ]);
  const { changes, more } = changesOf(audit, period, names);
  const all = {
    alerts: alertHistory(events, views, period),
    risks,
    changes,
    hosts: usage,
    checks: states.map(({ name, status, uptime24h, uptime7d }) => {
      const upPercent = kind === 'daily' ? uptime24h : uptime7d;
      return { name, status, ...(upPercent !== undefined && { upPercent }) };
    }),
  };
  const leftOut = Object.entries(CAPS).flatMap(([name, cap]) => {
    const count = all[name as keyof typeof CAPS].length - cap;
    return count > 0 ? [`${count} ${name}`] : [];
  });
  return {
    period: kind,
    from: new Date(period.from).toISOString(),
    to: new Date(period.to).toISOString(),
    alerts: all.alerts.slice(0, CAPS.alerts),
    risks: all.risks.slice(0, CAPS.risks),
    changes: all.changes.slice(0, CAPS.changes),
    hosts: all.hosts.slice(0, CAPS.hosts),
    consumers,
    checks: all.checks.slice(0, CAPS.checks),
    notices: noticesOf(centre, now),
    leftOut: [...leftOut, ...(more ? ['older changes'] : [])],
  };
}

function noticesOf({ silences, notifiers, outbox }: ReportParts['centre'], now: number): string[] {
  const quiet = silences
    .list(now)
    .map(({ id, createdBy, comment }) => `silence ${id} by ${createdBy}: ${comment}`);
  const troubled = notifiers.list().flatMap(({ name }) => {
    const { dead, waiting, lastError } = outbox.status(name);
    return dead + waiting > 0
      ? [`notifier ${name}: ${dead} notices given up, ${waiting} waiting (${lastError ?? 'not tried yet'})`]
      : [];
  });
  return [...troubled, ...quiet].slice(0, 30);
}
