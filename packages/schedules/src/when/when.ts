import { createHash } from 'node:crypto';
import { FlotillaError } from '@flotilla/core';
import { z } from 'zod';
import { checkedCron, cronTimes } from './cron.ts';
import { durationText, parseDuration } from './duration.ts';
import { everyTimes } from './every.ts';
import type { FireTimes } from './fire-times.ts';
import { onceTimes, parseAt } from './once.ts';

/** When a schedule fires, as it is stored. */
export const When = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('cron'), cron: z.string() }),
  z.object({ kind: z.literal('every'), everyMs: z.number(), anchor: z.number() }),
  z.object({ kind: z.literal('at'), at: z.number() }),
]);
export type When = z.infer<typeof When>;

export interface WhenWords {
  cron?: string | undefined;
  every?: string | undefined;
  at?: string | undefined;
}

const MIN_EVERY_MS = 10_000;
const MAX_EVERY_MS = 366 * 86_400_000;

/** undefined: none of the words was given. INVALID_INPUT for two, and for what cannot be understood. */
export function parseWhen({ cron, every, at }: WhenWords, zone: string, now: number): When | undefined {
  const given = [cron, every, at].filter((word) => word !== undefined);
  if (given.length > 1)
    throw new FlotillaError('INVALID_INPUT', 'cron, every and at exclude each other.', {
      hint: 'One schedule has one of them; make two schedules for two rules.',
    });
  if (cron !== undefined) return { kind: 'cron', cron: checkedCron(cron, zone, now) };
  if (at !== undefined) return { kind: 'at', at: parseAt(at, zone, now) };
  if (every === undefined) return undefined;
  const limits = { name: 'every', minMs: MIN_EVERY_MS, maxMs: MAX_EVERY_MS };
  return { kind: 'every', everyMs: parseDuration(every, limits), anchor: now };
}

export function fireTimes(when: When, zone: string): FireTimes {
  if (when.kind === 'cron') return cronTimes(when.cron, zone);
  return when.kind === 'every' ? everyTimes(when.everyMs, when.anchor) : onceTimes(when.at);
}

export function whenText(when: When): string {
  if (when.kind === 'cron') return when.cron;
  return when.kind === 'every'
    ? `every ${durationText(when.everyMs)}`
    : `once at ${new Date(when.at).toISOString()}`;
}

/** How much later than its fire times a schedule starts: always the same within `jitterMs`, another for each schedule. */
export function jitterOf(id: string, jitterMs: number): number {
  if (jitterMs <= 0) return 0;
  return createHash('sha256').update(id).digest().readUInt32BE(0) % (jitterMs + 1);
}
