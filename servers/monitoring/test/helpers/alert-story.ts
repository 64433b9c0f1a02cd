import { afterEach } from 'vitest';
import { type Desk, notifier, openDesk, rule } from './alert-desk.ts';
import { testProcess } from './test-process.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const load = (value: number) => [{ name: 'load', value }];
export const High = rule({ alert: 'High', expr: 'load > 5' });

export interface AlertStory {
  /** That of the test. */
  desk: Desk;
  open(settings?: Parameters<typeof notifier>[1], rules?: (typeof High)[], hosts?: string[]): Desk;
  /** The notices since the last call: the minute, the status of the group, each alert. */
  told(): string[];
}

/** Alerts over hours of another clock, and what one notifier is told of them. */
export function alertStory(): AlertStory {
  const on = testProcess();
  const story: AlertStory = {
    desk: undefined as never,
    open: (settings = {}, rules = [High], hosts) => {
      story.desk = openDesk(on, {
        rules: () => rules,
        notifiers: [notifier('n', settings)],
        ...(hosts && { hosts }),
      });
      return story.desk;
    },
    told: () =>
      story.desk
        .notices()
        .map(
          ({ minute, message }) =>
            `${minute} ${message.status} ${message.alerts.map(({ status, labels }) => `${labels['instance']}:${status}`).join(' ')}`,
        ),
  };
  afterEach(() => story.desk.close());
  return story;
}
