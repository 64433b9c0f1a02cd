import { FlotillaError } from '@flotilla/core';
import { z } from 'zod';
import { type Alert, fingerprintOf, withoutEmpty } from './alert.ts';
import type { AlertStore } from './alert-store.ts';

const MAX_ALERTS = 500;
/** Alerts of others that are kept at a time; more are not taken. */
const MAX_KNOWN = 5_000;
/** One that is not heard of again for so long has ended: receivers repeat every few hours. */
export const INCOMING_LIFE_MS = 24 * 3_600_000;

const Labels = z
  .record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]{0,127}$/), z.string().max(2_000))
  .refine((labels) => Object.keys(labels).length <= 64, 'at most 64 entries');

/** The part of Alertmanager's webhook message (version 4) that is used; further keys are ignored. */
const Incoming = z.object({
  version: z.literal('4'),
  alerts: z
    .array(
      z.object({
        status: z.enum(['firing', 'resolved']),
        labels: Labels,
        annotations: Labels.default({}),
        startsAt: z.iso.datetime({ offset: true }),
      }),
    )
    .max(MAX_ALERTS),
});

/** Takes in what an Alertmanager posts. INVALID_INPUT when it is no such message. Alerts of own rules are left alone. */
export async function receiveAlerts(
  alerts: AlertStore,
  body: unknown,
  now: number,
): Promise<{ accepted: number; ignored: number }> {
  const parsed = Incoming.safeParse(body);
  if (!parsed.success)
    throw new FlotillaError(
      'INVALID_INPUT',
      'The body is no message of an Alertmanager webhook, version 4.',
      {
        details: {
          issues: parsed.error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.')}: ${message}`),
        },
      },
    );
  const known = new Map(alerts.all().map((alert) => [alert.fingerprint, alert]));
  const own = (fingerprint: string): boolean => known.get(fingerprint)?.source === 'rule';
  const incoming = parsed.data.alerts.map((one) => incomingAlert(one, known, now));
  let room = MAX_KNOWN - [...known.values()].filter(({ source }) => source === 'alertmanager').length;
  const taken = incoming.flatMap((alert) => {
    if (!alert || own(alert.fingerprint)) return [];
    return known.has(alert.fingerprint) || room-- > 0 ? [alert] : [];
  });
  if (taken.length > 0) await alerts.save(taken, [], now);
  return { accepted: taken.length, ignored: incoming.length - taken.length };
}

/** Undefined: the end of something that was never heard of. */
function incomingAlert(
  { status, labels: given, annotations, startsAt }: z.infer<typeof Incoming>['alerts'][number],
  known: ReadonlyMap<string, Alert>,
  now: number,
): Alert | undefined {
  const labels = withoutEmpty({ alertname: 'unnamed', ...given });
  const fingerprint = fingerprintOf(labels);
  const old = known.get(fingerprint);
  if (status === 'resolved' && old?.state !== 'firing') return undefined;
  const begun = Math.min(Date.parse(startsAt), now);
  const common = {
    fingerprint,
    rule: labels['alertname'] ?? '',
    source: 'alertmanager',
    labels,
    annotations,
    held: false,
  } as const;
  const since = old?.state === 'firing' ? old.activeAt : begun;
  const times = {
    activeAt: since,
    firedAt: old?.state === 'firing' ? old.firedAt : now,
    trueAt: now,
    seenAt: now,
  };
  if (status === 'firing') return { ...common, ...times, state: 'firing' };
  return { ...common, ...times, state: 'resolved', resolvedAt: now };
}

/** Ends those of which nothing was heard for a day. */
export async function expireIncoming(alerts: AlertStore, now: number): Promise<void> {
  const lost = alerts
    .all()
    .filter(
      ({ source, state, trueAt }) =>
        source === 'alertmanager' && state === 'firing' && now - trueAt > INCOMING_LIFE_MS,
    );
  if (lost.length === 0) return;
  await alerts.save(
    lost.map((alert) => ({ ...alert, state: 'resolved' as const, resolvedAt: now })),
    [],
    now,
  );
}
