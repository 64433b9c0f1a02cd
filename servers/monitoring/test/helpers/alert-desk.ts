import { join } from 'node:path';
import type { Metrics, SeriesValue } from '@flotilla/metrics';
import { openMetrics } from '@flotilla/metrics';
import { tempDir } from '@flotilla/testkit';
import { type AlertStore, alertStore } from '../../src/lib/alerts/alert-store.ts';
import { createEvaluator } from '../../src/lib/alerts/evaluator.ts';
import { AlertRule, type StoredRule } from '../../src/lib/alerts/rule.ts';
import { type SilenceStore, silenceStore } from '../../src/lib/alerts/silence-store.ts';
import { dispatch } from '../../src/lib/notify/dispatcher.ts';
import type { AlertmanagerMessage } from '../../src/lib/notify/message.ts';
import type { Notifier } from '../../src/lib/notify/notifier-store.ts';
import { NotifierSettings } from '../../src/lib/notify/notifier-store.ts';
import type { TestProcess } from './test-process.ts';

/** Alerting on a clock that the test moves, over the real history and the real state file. */
export interface Desk {
  now: number;
  metrics: Metrics;
  alerts: AlertStore;
  silences: SilenceStore;
  /** Moves the clock in steps of 15 s; `values` are the samples of each host (null: it does not answer). */
  play(
    durationMs: number,
    values: (at: number, minute: number) => Record<string, SeriesValue[] | null>,
  ): Promise<void>;
  /** Another process takes over. */
  restart(): void;
  /** Notices since the last call, oldest first, with the minute of the clock in which they were queued. */
  notices(): { minute: number; receiver: string; message: AlertmanagerMessage }[];
  states(): string[];
  close(): Promise<void>;
}

const STEP_MS = 15_000;
const START = 1_750_000_000_000 - (1_750_000_000_000 % 60_000);

export const rule = (fields: Partial<AlertRule> & { alert: string; expr: string }): StoredRule => ({
  group: 'test',
  rule: AlertRule.parse({ labels: { severity: 'warning' }, ...fields }),
  enabled: true,
  builtIn: false,
});

export const notifier = (name: string, settings: Partial<NotifierSettings> = {}): Notifier => ({
  name,
  kind: 'webhook',
  shown: name,
  settings: NotifierSettings.parse(settings),
  createdAt: START,
  createdBy: 'test',
});

export function openDesk(
  on: TestProcess,
  setUp: { rules: () => StoredRule[]; notifiers?: Notifier[]; hosts?: string[] },
): Desk {
  const folder = tempDir('flotilla-desk-');
  const { store } = on.runtime.services;
  const desk = { now: START } as Desk;
  const metrics = openMetrics({ file: join(folder.path, 'metrics.sqlite'), now: () => desk.now });
  const alerts = alertStore(store);
  const silences = silenceStore(store);
  const newEvaluator = () =>
    createEvaluator({
      metrics,
      alerts,
      rules: { list: setUp.rules },
      hosts: () => setUp.hosts ?? ['a', 'b'],
      maxGapMs: 60_000,
      log: { warn: (...words: unknown[]) => problems.push(words) } as never,
    });
  const problems: unknown[] = [];
  let evaluator = newEvaluator();
  const clear = () =>
    store.write((sql) => {
      for (const table of ['alert', 'alert_event', 'silence', 'alert_group', 'outbox'])
        sql.run(`DELETE FROM monitoring_${table}`);
    });
  return Object.assign(desk, {
    metrics,
    alerts,
    silences,
    async play(
      durationMs: number,
      values: (at: number, minute: number) => Record<string, SeriesValue[] | null>,
    ) {
      for (const end = desk.now + durationMs; desk.now < end; ) {
        desk.now += STEP_MS;
        const at = desk.now;
        const all = Object.entries(values(at, (at - START) / 60_000));
        const seen = all.flatMap(([host, own]) =>
          own ? [{ host, at, values: [{ name: 'up', value: 1 }, ...own] }] : [],
        );
        const missed = all.flatMap(([host, own]) =>
          own ? [] : [{ host, at, reason: 'net', detail: 'test' }],
        );
        await metrics.append(seen);
        await metrics.miss(missed);
        await evaluator.tick(at);
        await dispatch(
          { state: store, alerts, silences, notifiers: { list: () => setUp.notifiers ?? [] } },
          at,
        );
      }
      if (problems.length > 0)
        throw new Error(`evaluation failed: ${String((problems[0] as { err: unknown }[])[0]?.err)}`);
    },
    restart: () => {
      evaluator = newEvaluator();
    },
    notices: () => {
      const rows = store.read((sql) =>
        sql.all<{ receiver: string; message: string; created_at: number; id: string }>(
          'SELECT * FROM monitoring_outbox ORDER BY created_at',
        ),
      );
      void store.write((sql) => sql.run('DELETE FROM monitoring_outbox'));
      return rows.map(({ receiver, message, created_at }) => ({
        receiver,
        minute: (created_at - START) / 60_000,
        message: JSON.parse(message) as AlertmanagerMessage,
      }));
    },
    states: () =>
      alerts
        .all()
        .map(
          ({ rule: name, labels, state, held }) =>
            `${name} ${labels['instance']} ${state}${held ? ' held' : ''}`,
        ),
    async close() {
      await clear();
      await metrics.close();
      folder.remove();
    },
  });
}
