import type { OpenServer } from '@flotilla/runtime/testing';
import { waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fingerprintOf } from '../../src/lib/alerts/alert.ts';
import { alertProcess, type ListedAlerts } from '../helpers/alert-process.ts';
import { type Alertmanager, noAlertmanager, startAlertmanager } from '../helpers/alertmanager.ts';
import { startReceiver } from '../helpers/receiver.ts';
import { servePages, TOKEN } from '../helpers/serve-pages.ts';
import { whySkipped } from '../helpers/vps-process.ts';

describe.skipIf(noAlertmanager)(`a real Alertmanager${whySkipped(noAlertmanager)}`, () => {
  let near: OpenServer;
  let far: OpenServer;
  let pages: Awaited<ReturnType<typeof servePages>>;
  let alertmanager: Alertmanager;
  beforeAll(async () => {
    [near, far] = [
      await alertProcess({ alerts: true, sample: false, evaluateS: 1 }, { background: true }),
      await alertProcess(),
    ];
    pages = await servePages(far);
    alertmanager = await startAlertmanager({ url: pages.url, token: TOKEN });
  });
  afterAll(async () => {
    await alertmanager?.stop();
    await pages?.close();
    await near?.close();
    await far?.close();
  });
  const farAlerts = async (state = 'active') => (await far.ok<ListedAlerts>('alert_list', { state })).alerts;

  test('takes our alerts by its API, and its webhook brings them to another Flotilla, with one fingerprint', async () => {
    await near.ok('notifier_add', {
      name: 'am',
      url: `alertmanager://127.0.0.1:${alertmanager.port}`,
      groupWaitS: 0,
      groupIntervalS: 1,
    });
    await near.ok('alert_rule_add', {
      alert: 'ShopGone',
      expr: 'absent(shop_up{instance="web1", zone="é"})',
      severity: 'critical',
      summary: 'The shop is gone',
    });
    const options = { timeoutMs: 30_000, intervalMs: 100 };
    await waitFor(async () => (await farAlerts()).length === 1, { ...options, what: 'the alert' });
    const [arrived] = await farAlerts();
    expect(arrived).toMatchObject({
      alert: 'ShopGone',
      source: 'alertmanager',
      severity: 'critical',
      summary: 'The shop is gone',
    });
    const [held] = await alertmanager.alerts();
    expect([held?.fingerprint, arrived?.fingerprint]).toEqual([
      fingerprintOf(held?.labels ?? {}),
      held?.fingerprint,
    ]);
    const [own] = (await near.ok<ListedAlerts>('alert_list')).alerts;
    expect(own?.fingerprint).toBe(held?.fingerprint);
    await near.ok('alert_rule_remove', { alert: 'ShopGone' });
    await waitFor(async () => (await farAlerts('resolved')).length === 1, { ...options, what: 'its end' });
  }, 90_000);

  test('what it posts has the keys that ours has', async () => {
    const receiver = await startReceiver();
    const real = await startAlertmanager({ url: `${receiver.base}/hook`, token: TOKEN });
    expect(await real.post([{ labels: { alertname: 'Real' }, annotations: {} }])).toBe(200);
    await waitFor(() => receiver.received.length > 0, { timeoutMs: 20_000 });
    await near.ok('notifier_add', { name: 'hook', url: `json://127.0.0.1:${receiver.port}/ours` });
    await near.ok('notifier_test', { name: 'hook' });
    const bodyOf = (path: string) =>
      JSON.parse(receiver.received.find((one) => one.path === path)?.body ?? '{}') as Record<
        string,
        unknown
      > & { alerts: Record<string, unknown>[] };
    const [theirs, ours] = [bodyOf('/hook'), bodyOf('/ours')];
    expect(Object.keys(ours).sort()).toEqual(Object.keys(theirs).sort());
    expect(Object.keys(ours.alerts[0] ?? {}).sort()).toEqual(Object.keys(theirs.alerts[0] ?? {}).sort());
    expect([ours['version'], ours.alerts[0]?.['endsAt']]).toEqual([
      theirs['version'],
      theirs.alerts[0]?.['endsAt'],
    ]);
    await real.stop();
    await receiver.close();
  }, 60_000);
});
