import { type Alert, summaryOf } from './alert.ts';
import type { AlertStore } from './alert-store.ts';
import type { Cause } from './cause/cause.ts';
import { inhibitionsAmong } from './inhibit.ts';
import { formatMatcher } from './matchers.ts';
import { SEVERITY_ORDER, type Severity, severityOf } from './rule.ts';
import { type Silence, type SilenceStore, silencedBy, windowOf } from './silence-store.ts';

const STATE_ORDER = { firing: 0, pending: 1, resolved: 2 } as const;
const iso = (ms: number): string => new Date(ms).toISOString();

/** An alert as it is shown. */
export interface AlertView {
  fingerprint: string;
  alert: string;
  state: Alert['state'];
  severity: Severity;
  alias?: string;
  summary: string;
  description?: string;
  runbook_url?: string;
  value?: number;
  labels: Record<string, string>;
  since: string;
  firedAt?: string;
  resolvedAt?: string;
  source: Alert['source'];
  noData?: boolean;
  silencedBy?: { id: string; by: string; until: string };
  inhibitedBy?: string;
  cause?: Cause;
}

/** All alerts, the worst first, with who silenced them and what explains them. */
export function alertViews(
  { alerts, silences }: { alerts: Pick<AlertStore, 'all'>; silences: Pick<SilenceStore, 'list'> },
  now: number,
): AlertView[] {
  const all = alerts.all();
  const quiet = silences.list(now);
  const inhibitor = inhibitionsAmong(all);
  return all
    .map((alert) => view(alert, silencedBy(quiet, alert.labels, now), inhibitor(alert), now))
    .sort(
      (a, b) =>
        STATE_ORDER[a.state] - STATE_ORDER[b.state] ||
        Number(a.silencedBy !== undefined) - Number(b.silencedBy !== undefined) ||
        SEVERITY_ORDER[a.severity] - SEVERITY_ORDER[b.severity] ||
        a.since.localeCompare(b.since),
    );
}

function view(alert: Alert, silence: Silence | undefined, cause: Alert | undefined, now: number): AlertView {
  const { labels, annotations, state } = alert;
  const until = silence && windowOf(silence, now)?.until;
  return {
    fingerprint: alert.fingerprint,
    alert: alert.rule,
    state,
    severity: severityOf(labels),
    ...(labels['instance'] !== undefined && { alias: labels['instance'] }),
    summary: summaryOf(alert),
    ...(annotations['description'] && { description: annotations['description'] }),
    ...(annotations['runbook_url'] && { runbook_url: annotations['runbook_url'] }),
    ...(alert.value !== undefined && { value: alert.value }),
    labels: { ...labels },
    since: iso(alert.activeAt),
    ...(alert.firedAt !== undefined && { firedAt: iso(alert.firedAt) }),
    ...(alert.resolvedAt !== undefined && { resolvedAt: iso(alert.resolvedAt) }),
    source: alert.source,
    ...(alert.held && { noData: true }),
    ...(silence && {
      silencedBy: { id: silence.id, by: silence.createdBy, until: iso(until ?? silence.endsAt) },
    }),
    ...(cause && state === 'firing' && { inhibitedBy: cause.rule }),
    ...(alert.cause && { cause: alert.cause }),
  };
}

export function silenceView(silence: Silence, now: number) {
  const { id, matchers, every, createdBy, comment, startsAt, endsAt } = silence;
  const { active = false, from = startsAt, until = endsAt } = windowOf(silence, now) ?? {};
  return {
    ...{ id, active, createdBy, comment },
    matchers: matchers.map(formatMatcher),
    from: iso(from),
    until: iso(until),
    ...(every !== '' && { every }),
  };
}
