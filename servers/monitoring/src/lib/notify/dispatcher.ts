import type { StateFile } from '@flotilla/core';
import type { Alert } from '../alerts/alert.ts';
import type { AlertStore } from '../alerts/alert-store.ts';
import { inhibitionsAmong } from '../alerts/inhibit.ts';
import { matchesAll, parseMatcher } from '../alerts/matchers.ts';
import { keepLabels, labelKey } from '../alerts/promql/operators.ts';
import { SEVERITY_ORDER, severityOf } from '../alerts/rule.ts';
import { type SilenceStore, silencedBy } from '../alerts/silence-store.ts';
import { flushGroup } from './flush.ts';
import { groupStates, type QueuedNotice, saveGroup } from './group-store.ts';
import { noticeId } from './http-request.ts';
import { messageOf } from './message.ts';
import type { Notifier, NotifierStore } from './notifier-store.ts';

export interface DispatcherParts {
  state: StateFile;
  alerts: Pick<AlertStore, 'all'>;
  silences: Pick<SilenceStore, 'list'>;
  notifiers: Pick<NotifierStore, 'list'>;
}

/** Puts due notices into the outbox; a notice and the memory of having given it are one transaction. */
export async function dispatch(parts: DispatcherParts, now: number): Promise<number> {
  const notifiers = parts.notifiers.list();
  const known = groupStates(parts.state);
  if (notifiers.length === 0 && known.size === 0) return 0;
  const all = parts.alerts.all().filter(({ state }) => state !== 'pending');
  const firing = new Set(all.filter(({ state }) => state === 'firing').map(({ fingerprint }) => fingerprint));
  const silences = parts.silences.list(now);
  const inhibitor = inhibitionsAmong(all);
  const heard = all.filter((alert) => !silencedBy(silences, alert.labels, now) && !inhibitor(alert));
  let queued = 0;
  for (const notifier of notifiers) {
    const groups = groupsOf(notifier, heard);
    const keys = new Set([...groups.keys(), ...(known.get(notifier.name)?.keys() ?? [])]);
    for (const key of keys) {
      const before = known.get(notifier.name)?.get(key);
      const members = groups.get(key) ?? [];
      const flush = flushGroup(before, members, { pace: notifier.settings, firing, now });
      if (flush.state === before) continue;
      const notice = flush.alerts.length === 0 ? undefined : noticeFor(notifier, key, flush.alerts, now);
      await saveGroup(parts.state, { receiver: notifier.name, key, state: flush.state, notice, now });
      if (notice) queued++;
    }
  }
  return queued;
}

function groupsOf({ settings }: Notifier, alerts: readonly Alert[]): Map<string, Alert[]> {
  const matchers = settings.matchers.map(parseMatcher);
  const wanted = alerts.filter(({ labels }) => matchesAll(matchers, labels));
  return Map.groupBy(wanted, ({ labels }) => labelKey(keepLabels(labels, 'by', settings.groupBy)));
}

function noticeFor(
  { name, settings }: Notifier,
  key: string,
  alerts: readonly Alert[],
  now: number,
): QueuedNotice {
  const [first] = alerts;
  const sorted = alerts.toSorted(
    (a, b) =>
      Number(a.state === 'resolved') - Number(b.state === 'resolved') ||
      SEVERITY_ORDER[severityOf(a.labels)] - SEVERITY_ORDER[severityOf(b.labels)] ||
      (a.firedAt ?? 0) - (b.firedAt ?? 0) ||
      (a.labels['instance'] ?? '').localeCompare(b.labels['instance'] ?? ''),
  );
  const groupLabels = keepLabels(first?.labels ?? {}, 'by', settings.groupBy);
  const message = messageOf(sorted, { receiver: name, groupKey: `{}:${key}`, groupLabels });
  const told = sorted
    .map(({ fingerprint, state, firedAt }) => `${fingerprint} ${state} ${firedAt}`)
    .join(',');
  return { id: noticeId(name, key, told, String(now)), message };
}
