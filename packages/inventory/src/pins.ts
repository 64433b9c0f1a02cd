import { FlotillaError, type HostKeyPin } from '@flotilla/core';
import type { Sql } from '@flotilla/store';
import { hostNotFound } from './hosts/not-found.ts';
import { pinsOf, rowOf } from './hosts/rows.ts';
import { noteChange } from './memo.ts';

/**
 * Pins the first key seen of a host. CONFLICT when another key was pinned meanwhile, or when `revision` is given and
 * the record changed since: the key may then be that of another machine.
 */
export function pinFirstKey(sql: Sql, alias: string, pin: HostKeyPin, now: number, revision?: number): void {
  const row = rowOf(sql, alias);
  if (!row) throw hostNotFound(sql, alias);
  if (revision !== undefined && row.revision !== revision) {
    throw new FlotillaError('CONFLICT', `The host ${alias} was changed while it was being connected to.`, {
      details: { alias },
      hint: 'Connect again.',
    });
  }
  const pins = pinsOf(row);
  if (pins.some((known) => known.fingerprint === pin.fingerprint)) return;
  if (pins.length > 0) {
    throw new FlotillaError('CONFLICT', `Another host key of ${alias} was pinned meanwhile.`, {
      details: { alias, pinned: pins, seen: pin },
      hint: 'Two keys were seen for one new host. A person checks them, then runs: flotilla host trust ALIAS.',
    });
  }
  noteChange(sql);
  sql.run('INSERT INTO host_key VALUES (?, ?, ?, ?)', [alias, pin.type, pin.fingerprint, now]);
}
