import { fingerprintOf } from '../alerts/alert.ts';
import type { AlertmanagerMessage } from './message.ts';
import { messageOf } from './message.ts';

/** A notice that says of itself that it is a test. */
export function testMessage({
  receiver,
  status,
  now,
}: {
  receiver: string;
  status: 'firing' | 'resolved';
  now: number;
}): AlertmanagerMessage {
  const labels = { alertname: 'FlotillaTest', severity: 'info' };
  const alert = {
    fingerprint: fingerprintOf(labels),
    rule: 'FlotillaTest',
    source: 'rule',
    labels,
    annotations: {
      summary: 'A test of this notifier',
      description: 'Nothing is wrong. Somebody tried the notifier.',
    },
    state: status,
    activeAt: now,
    firedAt: now,
    ...(status === 'resolved' && { resolvedAt: now }),
    trueAt: now,
    seenAt: now,
    held: false,
  } as const;
  return messageOf([alert], { receiver, groupKey: '{}:test', groupLabels: { alertname: 'FlotillaTest' } });
}
