import { afterEach, describe, expect, test } from 'vitest';
import { type Desk, notifier, openDesk, rule } from '../helpers/alert-desk.ts';
import { testProcess } from '../helpers/test-process.ts';

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

  test('the same is said again after repeat_interval, not before', async () => {
    open({ repeatIntervalS: 900 });
    await desk.play(40 * MINUTE, () => ({ a: load(9) }));
    expect(told()).toEqual(['0.75 firing a:firing', '15.75 firing a:firing', '30.75 firing a:firing']);
  }, 60_000);

  test('a maintenance window comes again every day', async () => {
    open({ groupWaitS: 0, groupIntervalS: 1, groupBy: ['alertname', 'instance'] });
    const window = { startsAt: desk.now + HOUR, endsAt: desk.now + 2 * HOUR };
    await desk.silences.add({
      ...window,
      createdBy: 'test',
      comment: 'backups',
      createdAt: desk.now,
      every: 'day',
      matchers: [{ label: 'instance', op: '=', value: 'a' }],
    });
    const spike = (from: number) => (_: number, minute: number) => ({
      a: load(minute > from && minute < from + 5 ? 9 : 1),
    });
    await desk.play(30 * MINUTE, spike(10));
    expect(told().length).toBe(2);
    desk.now += HOUR - 20 * MINUTE;
    await desk.play(20 * MINUTE, spike(75));
    expect(told()).toEqual([]);
    desk.now += 24 * HOUR - 20 * MINUTE;
    await desk.play(20 * MINUTE, spike(24 * 60 + 75));
    expect(told()).toEqual([]);
    desk.now += HOUR;
    await desk.play(20 * MINUTE, spike(24 * 60 + 155));
    expect(told().length).toBe(2);
  }, 60_000);
});
