import { describe, expect, test } from 'vitest';
import { rule } from '../../helpers/alert-desk.ts';
import { alertStory, High, HOUR, load, MINUTE } from '../../helpers/alert-story.ts';

describe('notices by the rules of Alertmanager', () => {
  const story = alertStory();
  const { open, told } = story;

  test('the first after group_wait, changes after group_interval, a recovery, then silence', async () => {
    open();
    await story.desk.play(MINUTE, () => ({ a: load(9), b: load(1) }));
    expect(told()).toEqual(['0.75 firing a:firing']);
    await story.desk.play(3 * MINUTE, () => ({ a: load(9), b: load(9) }));
    expect(told()).toEqual([]);
    await story.desk.play(2 * MINUTE, () => ({ a: load(9), b: load(9) }));
    expect(told()).toEqual(['5.75 firing a:firing b:firing']);
    await story.desk.play(10 * MINUTE, () => ({ a: load(9), b: load(1) }));
    expect(told()).toEqual(['10.75 firing a:firing b:resolved']);
    await story.desk.play(10 * MINUTE, () => ({ a: load(1), b: load(1) }));
    expect(told()).toEqual(['20.75 resolved a:resolved']);
    await story.desk.play(HOUR, () => ({ a: load(1), b: load(1) }));
    expect(told()).toEqual([]);
  }, 60_000);

  test('what is over before the first notice is never told; what ended is not told where nobody wants that', async () => {
    open({ groupWaitS: 120, sendResolved: false });
    await story.desk.play(MINUTE, () => ({ a: load(9) }));
    await story.desk.play(20 * MINUTE, () => ({ a: load(1) }));
    expect(told()).toEqual([]);
    await story.desk.play(3 * MINUTE, () => ({ a: load(9) }));
    await story.desk.play(20 * MINUTE, () => ({ a: load(1) }));
    expect(told()).toEqual(['23.25 firing a:firing']);
    await story.desk.play(MINUTE, () => ({ a: load(9) }));
    await story.desk.play(5 * MINUTE, () => ({ a: load(9) }));
    expect(told()).toHaveLength(1);
  }, 60_000);

  test('group_by makes one notice of many alerts, or several', async () => {
    const hosts = Array.from({ length: 20 }, (_, index) => `h${index}`);
    const all = () => Object.fromEntries(hosts.map((host) => [host, load(9)]));
    open({}, [High], hosts);
    await story.desk.play(MINUTE, all);
    const [one, ...more] = story.desk.notices();
    expect([one?.message.alerts.length, more.length, one?.message.groupLabels]).toEqual([
      20,
      0,
      { alertname: 'High' },
    ]);
    expect(one?.message.commonLabels).toEqual({ alertname: 'High', severity: 'warning' });
    await story.desk.close();
    open({ groupBy: ['alertname', 'instance'] }, [High], hosts);
    await story.desk.play(MINUTE, all);
    expect(story.desk.notices()).toHaveLength(20);
  });

  test('a host that is down explains all else of it, and only of it', async () => {
    open({}, [High, rule({ alert: 'HostDown', expr: 'up == 0', for: '15s' })]);
    await story.desk.play(0.25 * MINUTE, () => ({ a: load(9), b: load(1) }));
    await story.desk.play(5 * MINUTE, () => ({ a: null, b: load(9) }));
    const first = story.desk
      .notices()
      .map(({ message }) =>
        message.alerts.map(({ labels }) => `${labels['alertname']} ${labels['instance']}`).join(),
      );
    expect(first.sort()).toEqual(['High b', 'HostDown a']);
    await story.desk.play(10 * MINUTE, () => ({ a: load(9), b: load(1) }));
    const later = story.desk
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
    const base = { createdBy: 'test', comment: 'x', createdAt: story.desk.now, every: '' as const };
    await story.desk.silences.add({
      ...base,
      matchers: [{ label: 'instance', op: '=~', value: 'a|c' }],
      startsAt: story.desk.now,
      endsAt: story.desk.now + 30 * MINUTE,
    });
    await story.desk.play(29 * MINUTE, () => ({ a: load(9), b: load(9) }));
    expect(told()).toEqual(['0.75 firing b:firing']);
    await story.desk.play(10 * MINUTE, () => ({ a: load(9), b: load(9) }));
    expect(told().map((line) => line.replace(/^\S+ /, ''))).toEqual(['firing a:firing b:firing']);
  });

  test('what ends while it is silenced is forgotten without a word', async () => {
    open();
    await story.desk.play(2 * MINUTE, () => ({ a: load(9) }));
    expect(told()).toHaveLength(1);
    const silence = await story.desk.silences.add({
      ...{ createdBy: 'test', comment: 'x', createdAt: story.desk.now, every: '' },
      matchers: [{ label: 'alertname', op: '=', value: 'High' }],
      startsAt: story.desk.now,
      endsAt: story.desk.now + HOUR,
    });
    await story.desk.play(10 * MINUTE, () => ({ a: load(1) }));
    await story.desk.silences.end(silence.id, story.desk.now);
    await story.desk.play(10 * MINUTE, () => ({ a: load(1) }));
    expect(told()).toEqual([]);
    await story.desk.play(2 * MINUTE, () => ({ a: load(9) }));
    expect(told()).toHaveLength(1);
  });

  test('a receiver gets only what its matchers name', async () => {
    open({ matchers: ['severity="critical"'] }, [
      High,
      rule({ alert: 'Worse', expr: 'load > 8', labels: { severity: 'critical' } }),
    ]);
    await story.desk.play(2 * MINUTE, () => ({ a: load(9) }));
    expect(
      story.desk.notices().map(({ message }) => message.alerts.map(({ labels }) => labels['alertname'])),
    ).toEqual([['Worse']]);
  });
});
