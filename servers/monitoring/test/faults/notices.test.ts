import { describe, expect, test } from 'vitest';
import { alertStory, HOUR, load, MINUTE } from '../helpers/alert-story.ts';

describe('notices by the rules of Alertmanager', () => {
  const story = alertStory();
  const { open, told } = story;

  test('the same is said again after repeat_interval, not before', async () => {
    open({ repeatIntervalS: 900 });
    await story.desk.play(40 * MINUTE, () => ({ a: load(9) }));
    expect(told()).toEqual(['0.75 firing a:firing', '15.75 firing a:firing', '30.75 firing a:firing']);
  }, 60_000);

  test('a maintenance window comes again every day', async () => {
    open({ groupWaitS: 0, groupIntervalS: 1, groupBy: ['alertname', 'instance'] });
    const window = { startsAt: story.desk.now + HOUR, endsAt: story.desk.now + 2 * HOUR };
    await story.desk.silences.add({
      ...window,
      createdBy: 'test',
      comment: 'backups',
      createdAt: story.desk.now,
      every: 'day',
      matchers: [{ label: 'instance', op: '=', value: 'a' }],
    });
    const spike = (from: number) => (_: number, minute: number) => ({
      a: load(minute > from && minute < from + 5 ? 9 : 1),
    });
    await story.desk.play(30 * MINUTE, spike(10));
    expect(told().length).toBe(2);
    story.desk.now += HOUR - 20 * MINUTE;
    await story.desk.play(20 * MINUTE, spike(75));
    expect(told()).toEqual([]);
    story.desk.now += 24 * HOUR - 20 * MINUTE;
    await story.desk.play(20 * MINUTE, spike(24 * 60 + 75));
    expect(told()).toEqual([]);
    story.desk.now += HOUR;
    await story.desk.play(20 * MINUTE, spike(24 * 60 + 155));
    expect(told().length).toBe(2);
  }, 60_000);
});
