import type { StateFile } from '@flotilla/core';
import type { GroupState } from './flush.ts';
import type { AlertmanagerMessage } from './message.ts';

export interface QueuedNotice {
  id: string;
  message: AlertmanagerMessage;
}

interface Row {
  receiver: string;
  group_key: string;
  next_flush: number;
  notified_at: number | null;
  firing: string;
}

/** Notices that wait for one receiver; beyond it the oldest are dropped. */
const MAX_WAITING = 1_000;
const MAKE_ROOM = `DELETE FROM monitoring_outbox WHERE receiver = ? AND id IN (
  SELECT id FROM monitoring_outbox WHERE receiver = ? AND state IN ('pending', 'dead')
  ORDER BY created_at DESC, id DESC LIMIT -1 OFFSET ?)`;

/** What was said to whom: receiver → group → state. */
export function groupStates(state: StateFile): Map<string, Map<string, GroupState>> {
  const rows = state.read((sql) => sql.all<Row>('SELECT * FROM monitoring_alert_group'));
  const states = new Map<string, Map<string, GroupState>>();
  for (const row of rows) {
    const groups = states.get(row.receiver) ?? new Map<string, GroupState>();
    groups.set(row.group_key, {
      nextFlush: row.next_flush,
      notifiedAt: row.notified_at ?? undefined,
      firing: JSON.parse(row.firing) as string[],
    });
    states.set(row.receiver, groups);
  }
  return states;
}

export function saveGroup(
  state: StateFile,
  change: {
    receiver: string;
    key: string;
    state: GroupState | undefined;
    notice: QueuedNotice | undefined;
    now: number;
  },
): Promise<void> {
  const { receiver, key, notice, now } = change;
  const group = change.state;
  return state.write((sql) => {
    if (group === undefined)
      sql.run('DELETE FROM monitoring_alert_group WHERE receiver = ? AND group_key = ?', [receiver, key]);
    else
      sql.run('INSERT OR REPLACE INTO monitoring_alert_group VALUES (?, ?, ?, ?, ?)', [
        ...[receiver, key, group.nextFlush, group.notifiedAt ?? null, JSON.stringify(group.firing)],
      ]);
    if (notice)
      sql.run("INSERT OR IGNORE INTO monitoring_outbox VALUES (?, ?, ?, ?, 'pending', 0, ?, ?, NULL, NULL)", [
        ...[notice.id, receiver, key, JSON.stringify(notice.message), now, now],
      ]);
    if (notice) sql.run(MAKE_ROOM, [receiver, receiver, MAX_WAITING]);
  });
}
