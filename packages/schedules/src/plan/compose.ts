import { FlotillaError, type Principal } from '@flotilla/core';
import type { Definition, ScheduledCall } from '../store/types.ts';
import { parseDuration } from '../when/duration.ts';
import { parseWhen, type When, type WhenWords } from '../when/when.ts';
import { checkedZone, ownZone } from '../when/zone.ts';
import type { Missed } from './due.ts';
import type { Overlap } from './overlap.ts';

const DAY_MS = 86_400_000;

/** What a caller says about a schedule; what is not said stays, or gets its default. */
export interface Wish extends WhenWords {
  tool?: string | undefined;
  args?: Record<string, unknown> | undefined;
  zone?: string | undefined;
  missed?: Missed | undefined;
  grace?: string | undefined;
  overlap?: Overlap | undefined;
  jitter?: string | undefined;
  notes?: string | undefined;
}

export interface Before {
  definition: Definition;
  args: Record<string, unknown>;
}

const DEFAULTS = { missed: 'run_once', graceMs: DAY_MS, overlap: 'skip', jitterMs: 0 } as const;

/** The schedule that is wished for. INVALID_INPUT. Pure. */
export function composeSchedule(
  wish: Wish,
  before: Before | undefined,
  { principal, now }: { principal: Principal; now: number },
): { definition: Definition; call: ScheduledCall } {
  const old = before?.definition;
  const zone = wish.zone === undefined ? (old?.zone ?? ownZone()) : checkedZone(wish.zone);
  const when = whenOf(wish, old, zone, now);
  const tool = wish.tool ?? old?.tool;
  if (tool === undefined || when === undefined)
    throw new FlotillaError('INVALID_INPUT', 'A new schedule needs tool and one of cron, every and at.', {
      hint: 'Example: {"name":"nightly","cron":"30 3 * * *","tool":"task_exec","args":{"alias":"web1","cmd":"backup.sh"}}',
    });
  // Secret arguments of one tool are not handed to another one.
  if (old && tool !== old.tool && wish.args === undefined)
    throw new FlotillaError('INVALID_INPUT', 'With another tool, args have to be given as well.');
  const { notes = old?.notes } = wish;
  const definition: Definition = {
    ...{ tool, when, zone },
    missed: wish.missed ?? old?.missed ?? DEFAULTS.missed,
    graceMs: duration('grace', wish.grace, 60_000, 31 * DAY_MS) ?? old?.graceMs ?? DEFAULTS.graceMs,
    overlap: wish.overlap ?? old?.overlap ?? DEFAULTS.overlap,
    jitterMs: duration('jitter', wish.jitter, 0, DAY_MS) ?? old?.jitterMs ?? DEFAULTS.jitterMs,
    ...(notes !== undefined && notes !== '' && { notes }),
  };
  return { definition, call: { tool, args: wish.args ?? before?.args ?? {}, principal } };
}

/** The same interval again keeps its rhythm. */
function whenOf(wish: Wish, old: Definition | undefined, zone: string, now: number): When | undefined {
  const when = parseWhen(wish, zone, now);
  if (when === undefined)
    return old?.when.kind === 'cron' ? parseWhen({ cron: old.when.cron }, zone, now) : old?.when;
  const same = when.kind === 'every' && old?.when.kind === 'every' && old.when.everyMs === when.everyMs;
  return same ? old.when : when;
}

const duration = (
  name: string,
  text: string | undefined,
  minMs: number,
  maxMs: number,
): number | undefined => (text === undefined ? undefined : parseDuration(text, { name, minMs, maxMs }));
