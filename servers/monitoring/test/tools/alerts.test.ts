import { describe, expect, test } from 'vitest';
import { type Alert, fingerprintOf } from '../../src/lib/alerts/alert.ts';
import { alertStore } from '../../src/lib/alerts/alert-store.ts';
import { testProcess } from '../helpers/test-process.ts';

interface Rules {
  rules: {
    alert: string;
    enabled: boolean;
    builtIn: boolean;
    severity: string;
    expr: string;
    holdsFor?: number;
    problem?: string;
    clear_expr?: string;
    for: string;
    annotations: Record<string, string>;
  }[];
}

const firing = (name: string, labels: Record<string, string>, more: Partial<Alert> = {}): Alert => {
  const all = { alertname: name, ...labels };
  const now = Date.now();
  return {
    ...{
      fingerprint: fingerprintOf(all),
      rule: name,
      source: 'rule',
      labels: all,
      annotations: { summary: `${name} is on` },
    },
    ...{
      value: 1,
      state: 'firing',
      activeAt: now - 600_000,
      firedAt: now - 300_000,
      trueAt: now,
      seenAt: now,
      held: false,
    },
    ...more,
  };
};

describe('alert rules', () => {
  const on = testProcess();
  const rule = async (alert: string) =>
    (await on.ok<Rules>('alert_rule_list', { alert })).rules.find((one) => one.alert === alert);

  test("'alert_rule_add' adds, replaces only what is said, and 'alert_rule_list' evaluates", async () => {
    const { text } = await on.ok('alert_rule_add', {
      alert: 'NoShop',
      expr: 'absent(shop)',
      for: '5m',
      severity: 'critical',
      summary: 'gone',
    });
    expect(text).toContain('NoShop (custom) added: absent(shop)');
    expect(await rule('NoShop')).toMatchObject({
      enabled: true,
      builtIn: false,
      severity: 'critical',
      holdsFor: 1,
      for: '5m',
    });
    await on.ok('alert_rule_add', { alert: 'NoShop', clear_expr: 'shop > 0', for: '10m' });
    expect(await rule('NoShop')).toMatchObject({
      clear_expr: 'shop > 0',
      for: '10m',
      severity: 'critical',
      annotations: { summary: 'gone' },
    });
  });

  test('a dry run saves nothing, and a wrong rule names what is supported', async () => {
    expect(await on.ok('alert_rule_add', { alert: 'Dry', expr: 'up == 0', dryRun: true })).toMatchObject({
      saved: false,
    });
    expect(await rule('Dry')).toBeUndefined();
    const failure = await on.fails('alert_rule_add', { alert: 'Top', expr: 'topk(3, up)' });
    expect(failure).toMatchObject({ code: 'INVALID_INPUT', hint: expect.stringContaining('predict_linear') });
    for (const wrong of [
      {},
      { alert: 'A' },
      { alert: 'a-b', expr: 'up == 0' },
      { alert: 'A', expr: 'up ==' },
      { alert: 'A', expr: 'up', summary: '{{ nosuch }}' },
      { alert: 'A', expr: 'up == 0', for: '5 minutes' },
      { yaml: 'x' },
      { alert: 'A', expr: 'up == 0', labels: { 'a b': 'c' } },
    ])
      expect((await on.fails('alert_rule_add', wrong)).code).toBe('INVALID_INPUT');
  });

  test("'alert_rule_remove' deletes own rules and switches built-in ones off; both come back", async () => {
    expect(await on.ok('alert_rule_remove', { alert: 'HostDown' })).toMatchObject({
      result: 'disabled',
      expr: 'up == 0',
    });
    expect(await rule('HostDown')).toMatchObject({ enabled: false, builtIn: true });
    await on.ok('alert_rule_add', { alert: 'HostDown', enabled: true });
    expect(await rule('HostDown')).toMatchObject({
      enabled: true,
      expr: 'up == 0',
      for: '1m',
      severity: 'critical',
    });
    await on.ok('alert_rule_add', { alert: 'Mine', expr: 'up == 2' });
    expect(await on.ok('alert_rule_remove', { alert: 'Mine' })).toMatchObject({ result: 'deleted' });
    expect(await on.fails('alert_rule_remove', { alert: 'Mine' })).toMatchObject({ code: 'NOT_FOUND' });
    expect((await on.fails('alert_rule_remove', { alert: 'HostDwn' })).details).toMatchObject({
      nearest: 'HostDown',
    });
  });

  test("'alert_rule_export' writes a rule file that 'alert_rule_add' reads back", async () => {
    await on.ok('alert_rule_add', {
      alert: 'Round',
      expr: 'up{instance=~"a|b"} == 0',
      keep_firing_for: '1h',
      group: 'trip',
      description: 'a: "b" #c\n- d',
    });
    const before = await rule('Round');
    const { yaml, rules } = await on.ok<{ yaml: string; rules: number }>('alert_rule_export', {
      group: 'trip',
    });
    expect(rules).toBe(1);
    await on.ok('alert_rule_remove', { alert: 'Round' });
    expect(await on.ok('alert_rule_add', { yaml })).toMatchObject({
      saved: true,
      rules: [{ alert: 'Round', group: 'trip', change: 'added' }],
    });
    expect(await rule('Round')).toEqual(before);
    expect((await on.ok<{ yaml: string }>('alert_rule_export')).yaml).toContain('alert: DiskFull');
    expect((await on.ok<{ yaml: string }>('alert_rule_export', { builtIn: false })).yaml).not.toContain(
      'alert: DiskFull',
    );
  });

  test('arguments of a wrong type are refused', async () => {
    expect((await on.fails('alert_rule_export', { group: 5 })).code).toBe('INVALID_INPUT');
    expect((await on.fails('alert_rule_list', { enabled: 'yes' })).code).toBe('INVALID_INPUT');
  });
});

describe('alerts and silences', () => {
  const on = testProcess();

  test("'alert_list' shows the worst first with cause, silence and what explains it; 'alert_silence' and 'alert_unsilence'", async () => {
    const store = alertStore(on.runtime.services.store);
    await store.save(
      [
        firing('Warm', { instance: 'web1', severity: 'warning' }),
        firing(
          'Burns',
          { instance: 'web2', severity: 'critical' },
          {
            cause: {
              at: '2026-01-01T00:00:00Z',
              finding: 'The oven.',
              culprit: 'oven',
              errorLines: ['\u001b[31mhot'],
            },
          },
        ),
        firing('HostDown', { instance: 'web1', severity: 'critical' }),
        firing('Soon', { instance: 'web2', severity: 'info' }, { state: 'pending' }),
      ],
      [],
      Date.now(),
    );
    type View = { alert: string; inhibitedBy?: string; silencedBy?: { by: string }; cause?: unknown };
    const list = (args = {}) =>
      on.ok<{ firing: number; pending: number; alerts: View[]; silences: { id: string }[]; note?: string }>(
        'alert_list',
        args,
      );
    const all = await list();
    expect(all).toMatchObject({
      firing: 3,
      pending: 1,
      note: expect.stringContaining('No host was looked at yet'),
    });
    expect(all.alerts.map(({ alert }) => alert).slice(2)).toEqual(['Warm', 'Soon']);
    expect(all.alerts.find(({ alert }) => alert === 'Warm')?.inhibitedBy).toBe('HostDown');
    expect(all.text).toContain('cause: The oven. Culprit: oven.');
    expect(all.text).not.toContain('\u001b');
    expect(
      (await list({ severity: 'critical', cause: false })).alerts.every(({ cause }) => cause === undefined),
    ).toBe(true);
    expect((await list({ alias: 'web1' })).alerts).toHaveLength(2);

    const { id, silencedNow } = await on.ok<{ id: string; silencedNow: string[] }>('alert_silence', {
      alert: 'Burns',
      matchers: ['instance=~"web[0-9]"'],
      duration: '2h',
      comment: 'being repaired',
    });
    expect(silencedNow).toEqual(['Burns web2']);
    const quiet = await list();
    expect(quiet.alerts.find(({ alert }) => alert === 'Burns')?.silencedBy).toMatchObject({
      by: expect.stringMatching(/^stdio:/),
    });
    expect(quiet.text).toContain('being repaired');
    await on.ok('alert_unsilence', { id });
    expect((await list()).silences).toEqual([]);
  });

  test('a silence that is unknown or over cannot be ended', async () => {
    const { id } = await on.ok<{ id: string }>('alert_silence', { alert: 'A', duration: '1h', comment: 'x' });
    await on.ok('alert_unsilence', { id });
    for (const one of [id, 'sil_nosuch'])
      expect(await on.fails('alert_unsilence', { id: one })).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a silence of everything, of nothing, of too long, or of the past is refused', async () => {
    const base = { duration: '1h', comment: 'x' };
    for (const wrong of [
      base,
      { ...base, matchers: ['alertname=~".*"'] },
      { ...base, matchers: ['nonsense'] },
      { ...base, matchers: ['a=~"(a+"'] },
      { ...base, alert: 'A', duration: '31d' },
      { ...base, alert: 'A', duration: '0s' },
      { ...base, alert: 'A', startsAt: '2020-01-01T00:00:00Z' },
      { ...base, alert: 'A', every: 'day', duration: '2d' },
      { ...base, alert: 'A', comment: '' },
    ])
      expect((await on.fails('alert_silence', wrong)).code).toBe('INVALID_INPUT');
    expect((await on.fails('alert_silence', { ...base, alias: 'nosuch' })).code).toBe('NOT_FOUND');
    expect((await on.fails('alert_list', { alias: 'nosuch' })).code).toBe('NOT_FOUND');
    const window = await on.ok<{ startsAt: string }>('alert_silence', {
      ...base,
      alias: ['web1'],
      startsAt: '2027-01-01T02:00:00+01:00',
      every: 'day',
    });
    expect(window).toMatchObject({ startsAt: '2027-01-01T01:00:00.000Z', matchers: ['instance="web1"'] });
  });
});
