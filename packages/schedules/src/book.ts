import { randomBytes } from 'node:crypto';
import { defineService, type Principal } from '@flotilla/core';
import { type CallMaker, createCallMaker } from './fire/call.ts';
import { createToolFinder, type ToolFinder } from './fire/find-tool.ts';
import { follow } from './fire/follow.ts';
import { fireByHand } from './store/by-hand.ts';
import { type FirerStore, firerStore } from './store/firer-store.ts';
import { type FiringStore, firingStore } from './store/firing-store.ts';
import { createKeeper, type Keeper } from './store/keeper.ts';
import { type ScheduleStore, scheduleStore } from './store/schedule-store.ts';
import type { Firing, Schedule } from './store/types.ts';

/** Schedules, their firings, and the calls of this process. */
export interface Book {
  schedules: ScheduleStore;
  firings: FiringStore;
  firer: FirerStore;
  calls: CallMaker;
  keeper: Keeper;
  tools: ToolFinder;
  /** A firing at once, as a call of this principal; it is this process's to make. CONFLICT. */
  fireByHand(schedule: Schedule, principal: Principal): Promise<Firing>;
  /** Records the end of a firing's run when it comes while this process lives; the process that fires does so too. */
  watch(firing: Firing): void;
  close(): Promise<void>;
}

export const book = defineService<Book>({
  name: 'schedules',
  open: (host) => {
    const firings = firingStore(host.state);
    const schedules = scheduleStore(host.state);
    const caller = `${process.pid}-${randomBytes(6).toString('hex')}`;
    const tools = createToolFinder(host.calls);
    const keeper = createKeeper(host, schedules, tools);
    const closing = new AbortController();
    const watching = new Set<Promise<void>>();
    return {
      schedules,
      keeper,
      tools,
      firings,
      firer: firerStore(host.state),
      calls: createCallMaker({ host, schedules, firings, caller, tools }),
      fireByHand: async (schedule, principal) => {
        const call = keeper.seal(schedule, { ...keeper.opened(schedule).call, principal });
        return firings.get(await fireByHand(host.state, schedule, call, caller));
      },
      watch(firing) {
        const watch = follow(host, { schedules, firings }, firing, closing.signal)
          .catch((error: unknown) =>
            host.log.warn({ err: error }, 'the end of a firing could not be recorded'),
          )
          .finally(() => watching.delete(watch));
        watching.add(watch);
      },
      async close() {
        closing.abort();
        await Promise.all(watching);
      },
    };
  },
  close: (opened) => opened.close(),
});
