import { afterEach, describe, expect, test } from 'vitest';
import { type Desk, notifier, openDesk, rule } from '../../helpers/alert-desk.ts';
import { testProcess } from '../../helpers/test-process.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const load = (value: number) => [{ name: 'load', value }];
const High = rule({ alert: 'High', expr: 'load > 5' });

describe('notices by the rules of Alertmanager', () => {
  const on = testProcess();
  let desk: Desk;
  afterEach(() => desk.close());
  const open = (settings: Parameters<typeof notifier>[1] = {}, rules = [High], hosts?: string[]): Desk => {
    desk = openDesk(on, {
      rules: () => rules,
      notifiers: [notifier('n', settings)],
      ...(hosts && { hosts }),
    });
    return desk;
  };
  const told = () =>
    desk
      .notices()
      .map(
        ({ minute, message }) =>
          `${minute} ${message.status} ${message.alerts.map(({ status, labels }) => `${labels['instance']}:${status}`).join(' ')}`,
      );

  test('the first after group_wait, changes after group_interval, a recovery, then silence', async () => {
    open();
    await desk.play(MINUTE, () => ({ a: load(9), b: load(1) }));
    expect(told()).toEqual(['0.75 firing a:firing']);
    await desk.play(3 * MINUTE, () => ({ a: load(9), b: load(9) }));
    expect(told()).toEqual([]);
    await desk.play(2 * MINUTE, () => ({ a: load(9), b: load(9) }));
    expect(told()).toEqual(['5.75 firing a:firing b:firing']);
    await desk.play(10 * MINUTE, () => ({ a: load(9), b: load(1) }));
    expect(told()).toEqual(['10.75 firing a:firing b:resolved']);
    await desk.play(10 * MINUTE, () => ({ a: load(1), b: load(1) }));
    expect(told()).toEqual(['20.75 resolved a:resolved']);
    await desk.play(HOUR, () => ({ a: load(1), b: load(1) }));
    expect(told()).toEqual([]);
  }, 60_000);

  test('what is over before the first notice is never told; what ended is not told where nobody wants that', async () => {
    open({ groupWaitS: 120, sendResolved: false });
    await desk.play(MINUTE, () => ({ a: load(9) }));
    await desk.play(20 * MINUTE, () => ({ a: load(1) }));
    expect(told()).toEqual([]);
    await desk.play(3 * MINUTE, () => ({ a: load(9) }));
    await desk.play(20 * MINUTE, () => ({ a: load(1) }));
    expect(told()).toEqual(['23.25 firing a:firing']);
    await desk.play(MINUTE, () => ({ a: load(9) }));
    await desk.play(5 * MINUTE, () => ({ a: load(9) }));
    expect(told()).toHaveLength(1);
  }, 60_000);

  test('group_by makes one notice of many alerts, or several', async () => {
    const hosts = Array.from({ length: 20 }, (_, index) => `h${index}`);
    const all = () => Object.fromEntries(hosts.map((host) => [host, load(9)]));
    open({}, [High], hosts);
    await desk.play(MINUTE, all);
    const [one, ...more] = desk.notices();
    expect([one?.message.alerts.length, more.length, one?.message.groupLabels]).toEqual([
      20,
      0,
      { alertname: 'High' },
    ]);
    expect(one?.message.commonLabels).toEqual({ alertname: 'High', severity: 'warning' });
    await desk.close();
    open({ groupBy: ['alertname', 'instance'] }, [High], hosts);
    await desk.play(MINUTE, all);
    expect(desk.notices()).toHaveLength(20);
  });

  test('a host that is down explains all else of it, and only of it', async () => {
    open({}, [High, rule({ alert: 'HostDown', expr: 'up == 0', for: '15s' })]);
    await desk.play(0.25 * MINUTE, () => ({ a: load(9), b: load(1) }));
    await desk.play(5 * MINUTE, () => ({ a: null, b: load(9) }));
    const first = desk
      .notices()
      .map(({ message }) =>
        message.alerts.map(({ labels }) => `${labels['alertname']} ${labels['instance']}`).join(),
      );
    expect(first.sort()).toEqual(['High b', 'HostDown a']);
    await desk.play(10 * MINUTE, () => ({ a: load(9), b: load(1) }));
    const later = desk
      .notices()
      .map(({ message }) =>
        message.alerts
          .map(({ status, labels }) => `${labels['alertname']} ${labels['instance']} ${status}`)
          .join(),
      );
    expect(later).toEqual(expect.arrayContaining(['HostDown a resolved']));
    expect(later.join()).toContain('High a firing');
  });

  test('silenced alerts are not told; when the silence ends and they still fire, they are', async () => {
    open();
    const base = { createdBy: 'test', comment: 'x', createdAt: desk.now, every: '' as const };
    await desk.silences.add({
      ...base,
      matchers: [{ label: 'instance', op: '=~', value: 'a|c' }],
      startsAt: desk.now,
      endsAt: desk.now + 30 * MINUTE,
    });
    await desk.play(29 * MINUTE, () => ({ a: load(9), b: load(9) }));
    expect(told()).toEqual(['0.75 firing b:firing']);
    await desk.play(10 * MINUTE, () => ({ a: load(9), b: load(9) }));
    expect(told().map((line) => line.replace(/^\S+ /, ''))).toEqual(['firing a:firing b:firing']);
  });

  test('what ends while it is silenced is forgotten without a word', async () => {
    open();
    await desk.play(2 * MINUTE, () => ({ a: load(9) }));
    expect(told()).toHaveLength(1);
    const silence = await desk.silences.add({
      ...{ createdBy: 'test', comment: 'x', createdAt: desk.now, every: '' },
      matchers: [{ label: 'alertname', op: '=', value: 'High' }],
      startsAt: desk.now,
      endsAt: desk.now + HOUR,
    });
    await desk.play(10 * MINUTE, () => ({ a: load(1) }));
    await desk.silences.end(silence.id, desk.now);
    await desk.play(10 * MINUTE, () => ({ a: load(1) }));
    expect(told()).toEqual([]);
    await desk.play(2 * MINUTE, () => ({ a: load(9) }));
    expect(told()).toHaveLength(1);
  });

  test('a receiver gets only what its matchers name', async () => {
    open({ matchers: ['severity="critical"'] }, [
      High,
      rule({ alert: 'Worse', expr: 'load > 8', labels: { severity: 'critical' } }),
    ]);
    await desk.play(2 * MINUTE, () => ({ a: load(9) }));
    expect(
      desk.notices().map(({ message }) => message.alerts.map(({ labels }) => labels['alertname'])),
    ).toEqual([['Worse']]);
  });
});
