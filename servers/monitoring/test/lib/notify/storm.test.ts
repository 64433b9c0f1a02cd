import { afterAll, beforeAll, expect, test } from 'vitest';
import { inhibitionsAmong } from '../../../src/lib/alerts/inhibit.ts';
import { flushGroup } from '../../../src/lib/notify/flush.ts';
import { saveGroup } from '../../../src/lib/notify/group-store.ts';
import { messageOf } from '../../../src/lib/notify/message.ts';
import { outbox } from '../../../src/lib/notify/outbox.ts';
import { notifier } from '../../helpers/alert-desk.ts';
import { alertProcess } from '../../helpers/alert-process.ts';

const NOW = 1_750_000_000_000;
let on: Awaited<ReturnType<typeof alertProcess>>;
beforeAll(async () => {
  on = await alertProcess();
});
afterAll(() => on.close());

const alert = (at: number) => ({
  fingerprint: `f${at}`,
  rule: 'Storm',
  source: 'rule' as const,
  state: 'firing' as const,
  held: false,
  labels: { alertname: 'Storm', instance: `host${at}` },
  annotations: { summary: 'x'.repeat(200) },
  value: 1,
  activeAt: NOW,
  trueAt: NOW,
  seenAt: NOW,
});
const queue = (receiver: string, key: string, at: number) =>
  saveGroup(on.runtime.services.store, {
    receiver,
    key,
    state: { nextFlush: at, firing: [] },
    notice: {
      id: `${receiver} ${key} ${at}`,
      message: messageOf([alert(at)], { receiver, groupKey: key, groupLabels: {} }),
    },
    now: at,
  });
const failed = { ok: false, retry: true, detail: 'HTTP 503' } as const;

test('a thousand alerts are one message with a hundred of them', () => {
  const alerts = Array.from({ length: 1_000 }, (_, at) => alert(at));
  const message = messageOf(alerts, { receiver: 'x', groupKey: 'x', groupLabels: {} });
  expect([message.alerts.length, message.truncatedAlerts]).toEqual([100, 900]);
});

test('what explains what is found at once among thousands', () => {
  const of = (alertname: string, instance: string) => ({
    ...alert(0),
    fingerprint: `${alertname} ${instance}`,
    labels: { alertname, instance },
  });
  const hosts = Array.from({ length: 10_000 }, (_, at) => `host${at}`);
  const all = hosts.flatMap((host, at) => [
    of('Other', host),
    ...(at % 2 === 0 ? [of('HostDown', host)] : []),
  ]);
  const inhibitor = inhibitionsAmong(all);
  const muted = all.filter((one) => inhibitor(one)?.labels['instance'] === one.labels.instance);
  expect(muted.length).toBe(5_000);
  expect(muted.every(({ labels }) => labels.alertname === 'Other')).toBe(true);
});

test('a receiver that is down fills no disk, keeps the newest, and nobody else waiting', async () => {
  const box = outbox(on.runtime.services.store);
  for (let at = 0; at < 1_200; at++) await queue('down', `group ${at}`, NOW + at);
  const later = NOW + 10_000;
  await queue('well', 'group', later);
  expect(box.status('down').waiting).toBe(1_000);
  const told: string[] = [];
  for (let round = 0; round < 22; round++)
    for (const notice of await box.claim(later)) {
      told.push(notice.receiver);
      await box.settle(notice, notice.receiver === 'well' ? { ok: true, detail: '' } : failed, later);
    }
  expect(told).toContain('well');
  expect(told.length).toBe(1_001);
  // All of the first receiver have been tried once: what is new for another comes before they are tried again.
  await queue('well', 'group', later + 60_000);
  expect((await box.claim(later + 60_000))[0]?.receiver).toBe('well');
  const { waiting } = box.status('down');
  await queue('down', 'newest', later + 120_000);
  expect(box.status('down').waiting).toBeLessThanOrEqual(waiting + 1);
});

test('a clock that is put back holds no notice back', async () => {
  const box = outbox(on.runtime.services.store);
  await queue('clock', 'group', NOW + 86_400_000);
  expect((await box.claim(NOW)).some(({ receiver }) => receiver === 'clock')).toBe(true);
  const pace = { ...notifier('n').settings, groupWaitS: 30 };
  const before = { nextFlush: NOW + 86_400_000, firing: [] };
  const flush = flushGroup(before, [alert(1)], { pace, firing: new Set(['f1']), now: NOW });
  expect(flush.alerts).toHaveLength(1);
});
