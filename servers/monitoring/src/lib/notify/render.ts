import { visibleControls } from '@flotilla/core';
import type { AlertmanagerMessage, MessageAlert } from './message.ts';

/** A notice in the words of a person. */
export interface Notice {
  status: 'firing' | 'resolved';
  severity: 'info' | 'warning' | 'critical';
  title: string;
  /** One paragraph per alert, without markup. */
  body: string;
}

const SHOWN = 10;
const RANK = ['info', 'warning', 'critical'] as const;

export function noticeOf(message: AlertmanagerMessage, now: number): Notice {
  const { alerts, status, truncatedAlerts } = message;
  const firing = alerts.filter((alert) => alert.status === 'firing');
  const [first] = firing.length > 0 ? firing : alerts;
  const count = firing.length > 0 ? firing.length : alerts.length;
  const others = count > 1 ? ` (and ${count - 1} more)` : '';
  const more = alerts.length - SHOWN + truncatedAlerts;
  return {
    status,
    severity: worst(alerts),
    title: oneLine(
      `${status === 'firing' ? 'FIRING' : 'RESOLVED'}: ${first?.annotations['summary'] ?? message.groupKey}${others}`,
      200,
    ),
    body: [
      ...alerts.slice(0, SHOWN).map((alert) => paragraph(alert, now)),
      ...(more > 0 ? [`… and ${more} more`] : []),
    ].join('\n\n'),
  };
}

function worst(alerts: readonly MessageAlert[]): Notice['severity'] {
  const ranks = alerts.map(({ labels }) => RANK.indexOf(labels['severity'] as 'info'));
  return RANK[ranks.reduce((most, rank) => Math.max(most, rank), 0)] ?? 'info';
}

function paragraph({ status, labels, annotations, startsAt, endsAt }: MessageAlert, now: number): string {
  const since = status === 'firing' ? `since ${startsAt}` : `from ${startsAt} to ${endsAt}`;
  const head = `${status === 'firing' ? (labels['severity'] ?? 'warning') : 'resolved'}: ${annotations['summary'] ?? ''}`;
  const minutes = Math.round((now - Date.parse(startsAt)) / 60_000);
  return [
    oneLine(head, 400),
    `${labels['alertname'] ?? ''} ${labels['instance'] ?? ''} ${since}${status === 'firing' && minutes > 0 ? ` (${minutes} min)` : ''}`.trim(),
    annotations['description'] && oneLine(annotations['description'], 600),
    annotations['flotilla_cause'] && `Cause: ${oneLine(annotations['flotilla_cause'], 500)}`,
    annotations['runbook_url'] && `Runbook: ${oneLine(annotations['runbook_url'], 300)}`,
  ]
    .filter(Boolean)
    .join('\n');
}

export function oneLine(text: string, max: number): string {
  const line = visibleControls(text).replace(/\s+/g, ' ').trim();
  return line.length > max ? `${line.slice(0, max - 1)}…` : line;
}
