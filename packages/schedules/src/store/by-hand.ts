import { FlotillaError, type StateFile } from '@flotilla/core';
import { forgetOld, openFirings } from './firing-sql.ts';
import type { Schedule } from './types.ts';

/**
 * A firing by hand, for `caller` to call at once. CONFLICT while another one is open, unless they may overlap.
 * `call` is sealed. Returns its id.
 */
export function fireByHand(
  state: StateFile,
  { id, name, definition }: Schedule,
  call: string,
  caller: string,
): Promise<number> {
  return state.write((sql) => {
    const { started, queued } = openFirings(sql, id);
    if (started + queued > 0 && definition.overlap !== 'allow')
      throw new FlotillaError('CONFLICT', `${name} has not finished its last firing; nothing was started.`, {
        hint: `schedule_list {"name":"${name}"} shows it with its run; wait for it or cancel it. With overlap "allow" both would run.`,
      });
    const now = Date.now();
    const last = sql.get<{ at: number | null }>(
      "SELECT max(fire_at) AS at FROM schedule_firing WHERE schedule = ? AND kind = 'hand'",
      [id],
    );
    const { lastRowid } = sql.run(
      `INSERT INTO schedule_firing (schedule, kind, fire_at, state, open, caller, call, decided_at, started_at)
       VALUES (?, 'hand', ?, 'calling', 1, ?, ?, ?, ?)`,
      [id, Math.max(now, (last?.at ?? 0) + 1), caller, call, now, now],
    );
    forgetOld(sql, id);
    return lastRowid;
  });
}
