import type { SqlSession, StateFile } from '@flotilla/core';
import type { Alert } from './alert.ts';
import { summaryOf } from './alert.ts';
import { Cause } from './cause/cause.ts';
import { severityOf } from './rule.ts';

/** Ended alerts stay so long for a last notice; what happened stays in the events. */
const KEEP_RESOLVED_MS = 86_400_000;
const KEEP_EVENTS_MS = 400 * 86_400_000;

export interface AlertEvent {
  at: number;
  fingerprint: string;
  rule: string;
  severity: string;
  labels: Readonly<Record<string, string>>;
  kind: 'firing' | 'resolved';
  summary: string;
  lastedMs?: number | undefined;
}

export interface AlertStore {
  /** Pending, firing and lately resolved ones. */
  all(): Alert[];
  get(fingerprint: string): Alert | undefined;
  /** Writes changed alerts, removes others, and notes what began and ended. */
  save(changed: readonly Alert[], removed: readonly string[], now: number): Promise<void>;
  setCause(fingerprint: string, cause: Cause): Promise<void>;
  /** Newest first. */
  events(range: { from: number; to: number; limit?: number }): AlertEvent[];
}

interface Row {
  fingerprint: string;
  rule: string;
  source: string;
  labels: string;
  annotations: string;
  value: number | null;
  state: string;
  active_at: number;
  fired_at: number | null;
  resolved_at: number | null;
  true_at: number;
  seen_at: number;
  held: number;
  cause: string | null;
}

const fromRow = (row: Row): Alert => ({
  fingerprint: row.fingerprint,
  rule: row.rule,
  source: row.source === 'rule' ? 'rule' : 'alertmanager',
  labels: JSON.parse(row.labels) as Alert['labels'],
  annotations: JSON.parse(row.annotations) as Alert['annotations'],
  value: row.value ?? undefined,
  state: row.state as Alert['state'],
  activeAt: row.active_at,
  firedAt: row.fired_at ?? undefined,
  resolvedAt: row.resolved_at ?? undefined,
  trueAt: row.true_at,
  seenAt: row.seen_at,
  held: row.held === 1,
  cause: row.cause === null ? undefined : Cause.safeParse(JSON.parse(row.cause)).data,
});

export function alertStore(state: StateFile): AlertStore {
  return {
    all: () => state.read((sql) => sql.all<Row>('SELECT * FROM monitoring_alert')).map(fromRow),
    get: (fingerprint) => {
      const row = state.read((sql) =>
        sql.get<Row>('SELECT * FROM monitoring_alert WHERE fingerprint = ?', [fingerprint]),
      );
      return row && fromRow(row);
    },
    save: (changed, removed, now) =>
      state.write((sql) => {
        for (const alert of changed) {
          noteEvent(sql, alert, now);
          put(sql, alert);
        }
        for (const fingerprint of removed)
          sql.run('DELETE FROM monitoring_alert WHERE fingerprint = ?', [fingerprint]);
        sql.run("DELETE FROM monitoring_alert WHERE state = 'resolved' AND resolved_at < ?", [
          now - KEEP_RESOLVED_MS,
        ]);
        sql.run('DELETE FROM monitoring_alert_event WHERE at < ?', [now - KEEP_EVENTS_MS]);
      }),
    setCause: (fingerprint, cause) =>
      state.write((sql) => {
        sql.run('UPDATE monitoring_alert SET cause = ? WHERE fingerprint = ?', [
          JSON.stringify(cause),
          fingerprint,
        ]);
      }),
    events: ({ from, to, limit = 1_000 }) =>
      state
        .read((sql) =>
          sql.all<EventRow>(
            'SELECT * FROM monitoring_alert_event WHERE at BETWEEN ? AND ? ORDER BY id DESC LIMIT ?',
            [from, to, limit],
          ),
        )
        .map(({ at, fingerprint, rule, severity, labels, kind, summary, lasted_ms }) => ({
          ...{ at, fingerprint, rule, severity, summary },
          labels: JSON.parse(labels) as AlertEvent['labels'],
          kind: kind as AlertEvent['kind'],
          lastedMs: lasted_ms ?? undefined,
        })),
  };
}

interface EventRow {
  at: number;
  fingerprint: string;
  rule: string;
  severity: string;
  labels: string;
  kind: string;
  summary: string;
  lasted_ms: number | null;
}

function noteEvent(sql: SqlSession, alert: Alert, now: number): void {
  if (alert.state === 'pending') return;
  const old = sql.get<{ state: string }>('SELECT state FROM monitoring_alert WHERE fingerprint = ?', [
    alert.fingerprint,
  ]);
  if (old?.state === alert.state) return;
  sql.run('INSERT INTO monitoring_alert_event VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)', [
    ...[
      now,
      alert.fingerprint,
      alert.rule,
      severityOf(alert.labels),
      JSON.stringify(alert.labels),
      alert.state,
    ],
    ...[
      summaryOf(alert).slice(0, 500),
      alert.state === 'resolved' && alert.firedAt ? now - alert.firedAt : null,
    ],
  ]);
}

function put(sql: SqlSession, alert: Alert): void {
  sql.run(
    `INSERT INTO monitoring_alert VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (fingerprint) DO UPDATE SET annotations = excluded.annotations, value = excluded.value, state = excluded.state,
       source = excluded.source, active_at = excluded.active_at, fired_at = excluded.fired_at, resolved_at = excluded.resolved_at,
       true_at = excluded.true_at, seen_at = excluded.seen_at, held = excluded.held,
       cause = CASE WHEN monitoring_alert.state = 'firing' THEN coalesce(monitoring_alert.cause, excluded.cause) ELSE excluded.cause END`,
    [
      ...[
        alert.fingerprint,
        alert.rule,
        alert.source,
        JSON.stringify(alert.labels),
        JSON.stringify(alert.annotations),
      ],
      ...[finite(alert.value), alert.state, alert.activeAt, alert.firedAt ?? null, alert.resolvedAt ?? null],
      ...[alert.trueAt, alert.seenAt, alert.held ? 1 : 0, alert.cause ? JSON.stringify(alert.cause) : null],
    ],
  );
}

const finite = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null;
