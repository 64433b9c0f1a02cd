import { FlotillaError } from '@flotilla/core';
import { Cron } from 'croner';
import type { FireTimes } from './fire-times.ts';

const FIELDS = 'minute hour day-of-month month day-of-week';
const NICKNAMES = ['@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly', '@annually'];

/**
 * Five fields, names of months and days, and the nicknames of crontab(5). Around a change of daylight saving time the
 * rules of Vixie cron hold: a fixed time that does not exist comes right after the gap, one that occurs twice comes the
 * first time; times with a wildcard or step in minute or hour go on through real time.
 */
export function cronTimes(expression: string, zone: string): FireTimes {
  const cron = parse(expression, zone);
  return {
    after: (ms) => cron.nextRun(new Date(ms))?.getTime(),
    latest: (count, until) =>
      cron
        .previousRuns(count, new Date(until + 1))
        .map((time) => time.getTime())
        .toReversed(),
  };
}

/** INVALID_INPUT for what is no expression, and for one that never comes. */
export function checkedCron(expression: string, zone: string, now: number): string {
  const text = expression.trim().replace(/\s+/g, ' ');
  if (cronTimes(text, zone).after(now) !== undefined) return text;
  throw invalid(`${JSON.stringify(text)} never comes: there is no such date.`);
}

function parse(expression: string, zone: string): Cron {
  if (expression.length > 200) throw invalid('cron is longer than 200 characters.');
  if (expression.startsWith('@') && !NICKNAMES.includes(expression.toLowerCase()))
    throw invalid(`cron knows these names: ${NICKNAMES.join(', ')}.`);
  if (!expression.startsWith('@') && expression.split(' ').length !== 5)
    throw invalid(`cron needs five fields: ${FIELDS}.`);
  try {
    return new Cron(expression, {
      timezone: zone,
      paused: true,
      fixedTimeRule: 'no-wildcard',
      ...(!expression.startsWith('@') && { mode: '5-part' as const }),
    });
  } catch (cause) {
    throw invalid(`cron cannot be read: ${said(cause)}`, cause);
  }
}

const said = (cause: unknown): string =>
  cause instanceof Error ? cause.message.replace(/^CronPattern: /, '').slice(0, 200) : '';

const invalid = (message: string, cause?: unknown): FlotillaError =>
  new FlotillaError('INVALID_INPUT', message, {
    hint: `Fields: ${FIELDS}. Examples: "30 3 * * *" every day at 03:30, "*/15 8-18 * * MON-FRI", "@daily".`,
    ...(cause !== undefined && { cause }),
  });
