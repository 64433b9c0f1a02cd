import type { ServiceHost } from '@flotilla/core';
import type { Book } from '../book.ts';
import { decide } from '../store/decide.ts';
import { openCall } from '../store/sealed-call.ts';
import type { Firing, Schedule } from '../store/types.ts';
import { adopt, createOrphans } from './adopt.ts';
import { follow } from './follow.ts';

export interface Work {
  /** Does what there is to do and starts what takes longer; false: something has to be tried again. */
  look(): Promise<boolean>;
  settled(): Promise<unknown>;
}

/** What the firing process does about schedules and open firings. `changed`: called when something has ended. */
export function createWork(host: ServiceHost, own: Book, signal: AbortSignal, changed: () => void): Work {
  const { schedules, firings, calls } = own;
  const going = new Map<number, Promise<void>>();
  const askedToEnd = new Set<number>();
  const orphans = createOrphans((firing) => calls.isUnderWay(firing.id));
  const warn = (error: unknown, schedule: string | undefined, what: string): void => {
    if (!signal.aborted) host.log.warn({ err: error, schedule }, what);
  };
  const go = ({ id, schedule }: Firing, work: Promise<unknown>): void => {
    const done = work
      .then(() => undefined)
      .catch((error: unknown) => warn(error, schedules.byId(schedule)?.name, 'a scheduled call failed'))
      .finally(() => {
        going.delete(id);
        changed();
      });
    going.set(id, done);
  };
  const call = (firing: Firing | undefined): void => {
    if (firing && !going.has(firing.id)) go(firing, calls.make(firing, signal));
  };
  const fire = async (schedule: Schedule, now: number): Promise<boolean> => {
    try {
      for (const id of await decide(host.state, schedule, now, calls.caller)) call(firings.get(id));
      return true;
    } catch (error) {
      warn(error, schedule.name, 'a schedule could not be fired');
      return false;
    }
  };
  /** Of a run: until the cancel was taken; it may be away, or end by itself. */
  const endReplaced = ({ id, state, runId, schedule }: Firing): void => {
    if (state === 'calling') calls.stop(id);
    const sealed = schedules.call(schedule);
    if (askedToEnd.has(id) || runId === undefined || sealed === undefined) return;
    askedToEnd.add(id);
    const { principal } = openCall(host.cipher, schedule, sealed);
    host.calls.cancel(runId, principal).catch((error: unknown) => {
      askedToEnd.delete(id);
      warn(error, schedules.byId(schedule)?.name, 'a run could not be replaced');
    });
  };
  const attend = async (one: Firing, isFree: (schedule: string) => boolean): Promise<void> => {
    if (one.state === 'queued') {
      if (isFree(one.schedule) && (await firings.begin(one.id, calls.caller))) call(firings.get(one.id));
      return;
    }
    if (one.state === 'running' && !going.has(one.id)) go(one, follow(host, own, one, signal));
    if (one.replaced) endReplaced(one);
  };
  /** What goes wrong with one of them does not keep the others waiting. */
  const each = async (open: readonly Firing[], what: (one: Firing) => Promise<void>): Promise<boolean> => {
    let well = true;
    for (const one of open)
      await what(one).catch((error: unknown) => {
        well = false;
        warn(error, schedules.byId(one.schedule)?.name, 'a firing could not be attended to');
      });
    return well;
  };
  return {
    async look() {
      const now = Date.now();
      // All of them in one commit.
      const fired = await Promise.all(schedules.due(now).map((schedule) => fire(schedule, now)));
      const open = firings.open();
      const calling = open.filter(({ state }) => state === 'calling');
      const busy = new Set(open.filter(({ state }) => state !== 'queued').map(({ schedule }) => schedule));
      const isFree = (schedule: string): boolean => !busy.has(schedule) && busy.add(schedule) !== undefined;
      const adopted = await each(orphans.among(calling), async (one) => call(await adopt(host, own, one)));
      const attended = await each(open, (one) => attend(one, isFree));
      return attended && adopted && !fired.includes(false);
    },
    settled: () => Promise.allSettled(going.values()),
  };
}
