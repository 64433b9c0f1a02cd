import type { Matcher } from '@flotilla/metrics';
import type { Alert } from './alert.ts';
import { matchesAll, parseMatcher } from './matchers.ts';

/** While an alert matches `source`, those that match `target` and agree on the `equal` labels are not sent. */
export interface Inhibition {
  source: Matcher[];
  target: Matcher[];
  equal: string[];
}

const inhibition = (source: string, target: string, ...equal: string[]): Inhibition => ({
  source: [parseMatcher(source)],
  target: [parseMatcher(target)],
  equal,
});

/** A host that is down explains all else of it; a full disk what was said before it was full. */
export const INHIBITIONS: readonly Inhibition[] = [
  inhibition('alertname="HostDown"', 'alertname!="HostDown"', 'instance'),
  inhibition(
    'alertname="DiskFull"',
    'alertname=~"DiskAlmostFull|DiskFillsUpSoon|DiskFillsUpNow"',
    'instance',
    'mountpoint',
  ),
  inhibition(
    'alertname="DiskFillsUpNow"',
    'alertname=~"DiskAlmostFull|DiskFillsUpSoon"',
    'instance',
    'mountpoint',
  ),
];

/**
 * Of all alerts of a moment: the firing one because of which another is not sent. As in Alertmanager, one never inhibits
 * itself. Sources are found by their `equal` labels, so that a storm of alerts costs no more than its size.
 */
export function inhibitionsAmong(
  all: readonly Alert[],
  rules: readonly Inhibition[] = INHIBITIONS,
): (alert: Alert) => Alert | undefined {
  const firing = all.filter(({ state }) => state === 'firing');
  const sources = rules.map(({ source, equal }) =>
    Map.groupBy(
      firing.filter(({ labels }) => matchesAll(source, labels)),
      ({ labels }) => keyOf(labels, equal),
    ),
  );
  return (alert) => {
    for (const [at, { source, target, equal }] of rules.entries()) {
      const { labels } = alert;
      if (!matchesAll(target, labels) || matchesAll(source, labels)) continue;
      if (equal.every((name) => labels[name] === undefined)) continue;
      const alike = sources[at]?.get(keyOf(labels, equal)) ?? [];
      const found = alike.find(({ fingerprint }) => fingerprint !== alert.fingerprint);
      if (found) return found;
    }
    return undefined;
  };
}

const keyOf = (labels: Alert['labels'], names: readonly string[]): string =>
  JSON.stringify(names.map((name) => labels[name] ?? ''));
