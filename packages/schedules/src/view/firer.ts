import { z } from 'zod';
import type { FirerStore } from '../store/firer-store.ts';
import { ownZone } from '../when/zone.ts';
import { iso } from './view.ts';

/** Whether anything fires at all, and by which clock. */
export const FirerView = z.object({
  active: z.boolean(),
  pid: z.number().optional(),
  since: z.string().optional(),
  zone: z.string().describe('Zone of the machine, default of new schedules'),
});

export function firerView(firer: FirerStore): z.infer<typeof FirerView> {
  const now = firer.now();
  return {
    active: now !== undefined,
    ...(now && { pid: now.pid, since: iso(now.since) }),
    zone: ownZone(),
  };
}

export const firerText = ({ active, pid }: z.infer<typeof FirerView>): string =>
  active
    ? `Process ${pid} fires them.`
    : 'Nothing fires now: schedules fire while a hub runs (an assistant with its hub open, or flotilla serve --http). ' +
      'What is missed until then follows the rule of each schedule.';
