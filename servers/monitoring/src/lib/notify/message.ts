import { type Alert, summaryOf } from '../alerts/alert.ts';
import type { Labels } from '../alerts/promql/ast.ts';

/** What Alertmanager posts to a webhook, version 4. */
export interface AlertmanagerMessage {
  version: '4';
  groupKey: string;
  truncatedAlerts: number;
  status: 'firing' | 'resolved';
  receiver: string;
  groupLabels: Labels;
  commonLabels: Labels;
  commonAnnotations: Labels;
  externalURL: string;
  alerts: MessageAlert[];
}

export interface MessageAlert {
  status: 'firing' | 'resolved';
  labels: Labels;
  annotations: Labels;
  /** RFC 3339. */
  startsAt: string;
  /** `0001-01-01T00:00:00Z` while it fires. */
  endsAt: string;
  generatorURL: string;
  fingerprint: string;
}

const MAX_ALERTS = 100;
const NO_END = '0001-01-01T00:00:00Z';

/** The one sentence of the cause goes out with a notice, never lines of logs. */
const CAUSE_ANNOTATION = 'flotilla_cause';

export function messageOf(
  alerts: readonly Alert[],
  { receiver, groupKey, groupLabels }: { receiver: string; groupKey: string; groupLabels: Labels },
): AlertmanagerMessage {
  const shown = alerts.slice(0, MAX_ALERTS).map(messageAlert);
  return {
    version: '4',
    groupKey,
    truncatedAlerts: alerts.length - shown.length,
    status: alerts.some(({ state }) => state === 'firing') ? 'firing' : 'resolved',
    receiver,
    groupLabels,
    commonLabels: common(shown.map(({ labels }) => labels)),
    commonAnnotations: common(shown.map(({ annotations }) => annotations)),
    externalURL: '',
    alerts: shown,
  };
}

function messageAlert(alert: Alert): MessageAlert {
  const finding = alert.cause?.finding;
  return {
    status: alert.state === 'firing' ? 'firing' : 'resolved',
    labels: alert.labels,
    annotations: {
      ...alert.annotations,
      ...(alert.annotations['summary'] === undefined && { summary: summaryOf(alert) }),
      ...(finding !== undefined && { [CAUSE_ANNOTATION]: finding.slice(0, 500) }),
    },
    startsAt: new Date(alert.firedAt ?? alert.activeAt).toISOString(),
    endsAt: alert.state === 'resolved' ? new Date(alert.resolvedAt ?? alert.seenAt).toISOString() : NO_END,
    generatorURL: '',
    fingerprint: alert.fingerprint,
  };
}

/** What all of them have alike. */
function common(all: readonly Labels[]): Labels {
  const [first = {}, ...others] = all;
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((labels) => labels[name] === value)),
  );
}
