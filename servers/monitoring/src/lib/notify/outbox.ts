import type { StateFile } from '@flotilla/core';
import type { AlertmanagerMessage } from './message.ts';
import type { Delivery } from './transport.ts';

/** After these pauses the next attempt; then a notice is dead. In sum about six hours. */
const PAUSES_S = [10, 30, 60, 300, 900, 1_800, 3_600, 7_200, 7_200];
const KEEP_SENT_MS = 7 * 86_400_000;
const KEEP_DEAD_MS = 30 * 86_400_000;
/** No pause is longer; what seems to wait for longer waits for a clock that was put back. */
const LONGEST_PAUSE_MS = 2 * 3_600_000;
const MAX_AT_ONCE = 50;
/** An attempt whose process died is taken up again after this. */
const LOST_MS = 120_000;

export interface Notice {
  id: string;
  receiver: string;
  groupKey: string;
  message: AlertmanagerMessage;
  attempts: number;
}

export interface OutboxStatus {
  waiting: number;
  dead: number;
  sent: number;
  lastSentAt?: number | undefined;
  lastError?: string | undefined;
  deadLetters: { id: string; createdAt: number; attempts: number; error: string; groupKey: string }[];
}

export interface Outbox {
  /** Takes what is due; of a receiver's group only the oldest, so that they arrive in order. */
  claim(now: number): Promise<Notice[]>;
  settle(notice: Notice, delivery: Delivery, now: number): Promise<void>;
  status(receiver: string): OutboxStatus;
}

interface Row {
  id: string;
  receiver: string;
  group_key: string;
  message: string;
  state: string;
  attempts: number;
  created_at: number;
  next_at: number;
  sent_at: number | null;
  error: string | null;
}

export function outbox(state: StateFile): Outbox {
  return {
    claim(now) {
      return state.write((sql) => {
        sql.run("DELETE FROM monitoring_outbox WHERE state = 'sent' AND sent_at < ?", [now - KEEP_SENT_MS]);
        sql.run("DELETE FROM monitoring_outbox WHERE state = 'dead' AND created_at < ?", [
          now - KEEP_DEAD_MS,
        ]);
        // Whoever failed less comes first: a receiver that is down keeps nobody else waiting.
        const due = sql.all<Row>(
          `SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY receiver, group_key ORDER BY created_at, id) AS place
             FROM monitoring_outbox WHERE state IN ('pending', 'sending'))
           WHERE place = 1 AND (next_at <= ? OR next_at > ?) ORDER BY attempts, created_at, id LIMIT ?`,
          [now, now + LONGEST_PAUSE_MS, MAX_AT_ONCE],
        );
        for (const { id } of due)
          sql.run(
            "UPDATE monitoring_outbox SET state = 'sending', attempts = attempts + 1, next_at = ? WHERE id = ?",
            [now + LOST_MS, id],
          );
        return due.map((row) => ({
          id: row.id,
          receiver: row.receiver,
          groupKey: row.group_key,
          message: JSON.parse(row.message) as AlertmanagerMessage,
          attempts: row.attempts + 1,
        }));
      });
    },
    settle: ({ id, attempts }, delivery, now) =>
      state.write((sql) => {
        if (delivery.ok) {
          sql.run("UPDATE monitoring_outbox SET state = 'sent', sent_at = ?, error = NULL WHERE id = ?", [
            now,
            id,
          ]);
          return;
        }
        const pause = PAUSES_S[attempts - 1];
        const dead = !delivery.retry || pause === undefined;
        const next = now + Math.max((pause ?? 0) * 1000, delivery.retryAfterMs ?? 0);
        sql.run('UPDATE monitoring_outbox SET state = ?, next_at = ?, error = ? WHERE id = ?', [
          ...[dead ? 'dead' : 'pending', next, delivery.detail.slice(0, 200), id],
        ]);
      }),
    status: (receiver) =>
      state.read((sql) => {
        const rows = sql.all<Row>(
          'SELECT * FROM monitoring_outbox WHERE receiver = ? ORDER BY created_at DESC LIMIT 2000',
          [receiver],
        );
        const dead = rows.filter((row) => row.state === 'dead');
        const sent = rows.filter((row) => row.state === 'sent');
        return {
          waiting: rows.filter((row) => row.state === 'pending' || row.state === 'sending').length,
          dead: dead.length,
          sent: sent.length,
          lastSentAt: sent[0]?.sent_at ?? undefined,
          lastError: rows.find(({ error }) => error !== null)?.error ?? undefined,
          deadLetters: dead.slice(0, 5).map((row) => ({
            ...{ id: row.id, createdAt: row.created_at, attempts: row.attempts, groupKey: row.group_key },
            error: row.error ?? '',
          })),
        };
      }),
  };
}
