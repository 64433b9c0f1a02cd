import type { BackgroundWork } from '@flotilla/core';
import { book } from '../book.ts';
import { createPause } from './pause.ts';
import { createWork } from './work.ts';

/** Changes that other processes made are seen after so long at the latest. */
const LOOK_MS = 1_000;
const SAY_MS = 10_000;

/** Calls what is due, in one process of a data folder. */
export const firer: BackgroundWork = {
  name: 'firing',
  async run(host, signal) {
    const own = await host.use(book);
    const since = Date.now();
    const pause = createPause(signal);
    const work = createWork(host, own, signal, pause.end);
    let saidAt = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      let pauseMs = LOOK_MS;
      try {
        if (performance.now() - saidAt > SAY_MS) {
          await own.firer.say(process.pid, since);
          saidAt = performance.now();
        }
        if (await work.look()) pauseMs = untilDue(own.schedules.nextDue());
      } catch (error) {
        if (!signal.aborted) host.log.warn({ err: error }, 'schedules could not be looked at');
      }
      await pause.last(pauseMs);
    }
    await work.settled();
    await own.firer.leave(process.pid).catch(() => undefined);
  },
};

/** Never longer than a look: the clock may be put, and the machine may sleep. */
const untilDue = (dueAt = Number.POSITIVE_INFINITY): number =>
  Math.max(0, Math.min(LOOK_MS, dueAt - Date.now()));
