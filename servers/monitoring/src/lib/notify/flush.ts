import type { Alert } from '../alerts/alert.ts';
import type { NotifierSettings } from './notifier-store.ts';

/** What a receiver was last told about a group. Times are epoch milliseconds. */
export interface GroupState {
  nextFlush: number;
  notifiedAt?: number | undefined;
  /** Fingerprints that it was told of and that may still fire. */
  firing: string[];
}

export interface Flush {
  /** To be sent now; empty: nothing to say. */
  alerts: Alert[];
  /** undefined: the group is over. */
  state: GroupState | undefined;
}

type Pace = Pick<NotifierSettings, 'groupWaitS' | 'groupIntervalS' | 'repeatIntervalS' | 'sendResolved'>;

/**
 * One group at a moment, by the rules of Alertmanager: the first notice after `groupWait`, changes no sooner than every
 * `groupInterval`, the same again after `repeatInterval`. `alerts`: those of the group that are neither silenced nor
 * inhibited; `firing`: fingerprints of all that fire, muted ones as well.
 */
export function flushGroup(
  before: GroupState | undefined,
  alerts: readonly Alert[],
  { pace, firing: stillFiring, now }: { pace: Pace; firing: ReadonlySet<string>; now: number },
): Flush {
  const firing = alerts.filter((alert) => alert.state === 'firing');
  if (before === undefined && firing.length === 0) return { alerts: [], state: undefined };
  const state = before ?? { nextFlush: now + pace.groupWaitS * 1000, firing: [] };
  // A moment that is farther off than any wait was set before the clock was put back.
  const far = now + 1000 * Math.max(pace.groupWaitS, pace.groupIntervalS);
  if (now < state.nextFlush && state.nextFlush <= far) return { alerts: [], state };
  const told = new Set(state.firing);
  const ended = alerts.filter((alert) => alert.state === 'resolved' && told.has(alert.fingerprint));
  const resolved = pace.sendResolved ? ended : [];
  const isNew = firing.some(({ fingerprint }) => !told.has(fingerprint));
  const again =
    firing.length > 0 &&
    state.notifiedAt !== undefined &&
    now - state.notifiedAt >= pace.repeatIntervalS * 1000;
  const speaks = isNew || resolved.length > 0 || again;
  const known = [...told].filter((one) => stillFiring.has(one));
  const toldNow = speaks ? [...new Set([...known, ...firing.map(({ fingerprint }) => fingerprint)])] : known;
  return {
    alerts: speaks ? [...firing, ...resolved] : [],
    state:
      toldNow.length === 0 && firing.length === 0
        ? undefined
        : {
            nextFlush: now + pace.groupIntervalS * 1000,
            notifiedAt: speaks ? now : state.notifiedAt,
            firing: toldNow,
          },
  };
}
