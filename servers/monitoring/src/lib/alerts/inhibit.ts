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

/** The firing alert because of which this one is not sent. As in Alertmanager, one never inhibits itself. */
export function inhibitedBy(
  alert: Alert,
  firing: readonly Alert[],
  rules: readonly Inhibition[] = INHIBITIONS,
): Alert | undefined {
  for (const { source, target, equal } of rules) {
    if (!matchesAll(target, alert.labels) || matchesAll(source, alert.labels)) continue;
    const found = firing.find(
      (other) =>
        other.state === 'firing' &&
        other.fingerprint !== alert.fingerprint &&
        matchesAll(source, other.labels) &&
        equal.every((name) => (other.labels[name] ?? '') === (alert.labels[name] ?? '')) &&
        equal.some((name) => alert.labels[name] !== undefined),
    );
    if (found) return found;
  }
  return undefined;
}
