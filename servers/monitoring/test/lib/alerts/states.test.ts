import { afterEach, describe, expect, test } from 'vitest';
import { CLEAR_ANNOTATION, type StoredRule } from '../../../src/lib/alerts/rule.ts';
import { type Desk, openDesk, rule } from '../../helpers/alert-desk.ts';
import { testProcess } from '../../helpers/test-process.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const load = (value: number) => [{ name: 'load', value }];

describe('an alert over the hours', () => {
  const on = testProcess();
  let desk: Desk;
  afterEach(() => desk.close());
  const open = (...rules: StoredRule[]): Desk => {
    desk = openDesk(on, { rules: () => rules });
    return desk;
  };
  const high = (fields: Partial<StoredRule['rule']> = {}) =>
    rule({ alert: 'High', expr: 'load > 5', ...fields });

  test('is pending for its `for`, fires, and ends; what happened is remembered', async () => {
    open(high({ for: '5m', annotations: { summary: '{{ $labels.instance }} at {{ $value }}' } }));
    await desk.play(MINUTE, () => ({ a: load(9), b: load(1) }));
    expect(desk.states()).toEqual(['High a pending']);
    await desk.play(3.75 * MINUTE, () => ({ a: load(9), b: load(1) }));
    expect(desk.states()).toEqual(['High a pending']);
    await desk.play(0.75 * MINUTE, () => ({ a: load(9), b: load(1) }));
    expect(desk.states()).toEqual(['High a firing']);
    expect(desk.alerts.all()[0]).toMatchObject({
      annotations: { summary: 'a at 9' },
      value: 9,
      labels: { severity: 'warning', alertname: 'High' },
    });
    await desk.play(MINUTE, () => ({ a: load(1), b: load(1) }));
    expect(desk.states()).toEqual(['High a resolved']);
    const events = desk.alerts.events({ from: 0, to: desk.now });
    expect(events.map(({ kind }) => kind)).toEqual(['resolved', 'firing']);
    expect(events[0]?.lastedMs).toBe(0.5 * MINUTE);
  });

  test('a pending one that no longer holds is forgotten, and begins anew', async () => {
    open(high({ for: '2m' }));
    await desk.play(MINUTE, () => ({ a: load(9) }));
    await desk.play(0.5 * MINUTE, () => ({ a: load(1) }));
    expect(desk.states()).toEqual([]);
    await desk.play(1.5 * MINUTE, () => ({ a: load(9) }));
    expect(desk.states()).toEqual(['High a pending']);
  });

  test('keep_firing_for outlasts flapping', async () => {
    open(high({ keep_firing_for: '10m' }));
    await desk.play(60 * MINUTE, (_, minute) => ({ a: load(Math.floor(minute / 5) % 2 === 0 ? 9 : 1) }));
    expect(desk.alerts.events({ from: 0, to: desk.now })).toHaveLength(1);
    await desk.play(9 * MINUTE, () => ({ a: load(1) }));
    expect(desk.states()).toEqual(['High a firing']);
    await desk.play(7 * MINUTE, () => ({ a: load(1) }));
    expect(desk.states()).toEqual(['High a resolved']);
  });

  test('hysteresis: it ends only where the clear expression holds for its labels', async () => {
    open(high({ annotations: { [CLEAR_ANNOTATION]: 'load < 3' } }));
    await desk.play(MINUTE, () => ({ a: load(9), b: load(9) }));
    await desk.play(10 * MINUTE, () => ({ a: load(4), b: load(2) }));
    expect(desk.states().sort()).toEqual(['High a firing', 'High b resolved']);
    await desk.play(MINUTE, () => ({ a: load(2.9), b: load(2) }));
    expect(desk.states().sort()).toEqual(['High a resolved', 'High b resolved']);
    expect(desk.alerts.all()[0]?.annotations).toEqual({});
  });

  test('a missing sample is no false value: what fired stays, what was pending waits, `up` has its own rule', async () => {
    open(
      high({ for: '3m' }),
      high({ alert: 'AtOnce' }),
      rule({ alert: 'HostDown', expr: 'up == 0', for: '1m' }),
    );
    await desk.play(2 * MINUTE, () => ({ a: load(9) }));
    await desk.play(20 * MINUTE, () => ({ a: null }));
    expect(desk.states().sort()).toEqual([
      'AtOnce a firing held',
      'High a pending held',
      'HostDown a firing',
    ]);
    await desk.play(0.5 * MINUTE, () => ({ a: load(9) }));
    expect(desk.states().sort()).toEqual(['AtOnce a firing', 'High a pending', 'HostDown a resolved']);
    await desk.play(2 * MINUTE, () => ({ a: load(9) }));
    expect(desk.states()).toContain('High a firing');
    await desk.play(MINUTE, () => ({ a: load(1) }));
    expect(desk.states().sort()).toEqual(['AtOnce a resolved', 'High a resolved', 'HostDown a resolved']);
  });

  test('absence is judged by absent(), and a series that is gone from a host that answers ends its alert', async () => {
    open(high(), rule({ alert: 'NoLoad', expr: 'absent(load)' }));
    await desk.play(MINUTE, () => ({ a: load(9) }));
    await desk.play(6 * MINUTE, () => ({ a: [] }));
    expect(desk.states().sort()).toEqual(['High a resolved', 'NoLoad undefined firing']);
  });

  test('another process goes on where this one was', async () => {
    open(high({ for: '5m' }));
    await desk.play(4 * MINUTE, () => ({ a: load(9) }));
    desk.restart();
    await desk.play(1.25 * MINUTE, () => ({ a: load(9) }));
    expect(desk.states()).toEqual(['High a firing']);
  });

  test('time in which nobody evaluated does not count as time in which the rule held', async () => {
    open(high({ for: '5m' }));
    await desk.play(MINUTE, () => ({ a: load(9) }));
    desk.now += 60 * MINUTE;
    desk.restart();
    await desk.play(MINUTE, () => ({ a: load(9) }));
    expect(desk.states()).toEqual(['High a pending']);
    await desk.play(3.5 * MINUTE, () => ({ a: load(9) }));
    expect(desk.states()).toEqual(['High a firing']);
  });

  test('a clock that is put back makes no alert wait for the time that it lost', async () => {
    open(high({ for: '1m' }));
    desk.now += HOUR;
    await desk.play(0.5 * MINUTE, () => ({ a: load(9) }));
    desk.now -= HOUR;
    await desk.play(MINUTE, () => ({ a: load(9) }));
    expect(desk.states()).toEqual(['High a firing']);
    desk.now -= HOUR / 2;
    await desk.play(0.5 * MINUTE, () => ({ a: load(1) }));
    expect(desk.states()).toEqual(['High a resolved']);
  });

  test('the alerts of a rule that is gone end, and so do those of a host that is gone', async () => {
    const rules = [high()];
    const hosts = ['a', 'b'];
    desk = openDesk(on, { rules: () => rules, hosts });
    await desk.play(MINUTE, () => ({ a: load(9), b: load(9) }));
    hosts.pop();
    await desk.play(0.5 * MINUTE, () => ({ a: load(9), b: load(9) }));
    expect(desk.states().sort()).toEqual(['High a firing', 'High b resolved']);
    rules.pop();
    await desk.play(0.5 * MINUTE, () => ({ a: load(9) }));
    expect(desk.states().sort()).toEqual(['High a resolved', 'High b resolved']);
  });
});
