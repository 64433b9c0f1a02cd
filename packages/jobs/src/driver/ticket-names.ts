import { FlotillaError } from '@flotilla/core';
import type { Ticket } from './port.ts';

const LONGEST = 120;
const NAME = /^[A-Za-z0-9_.-]+$/;

/** INVALID_INPUT for a ticket whose id or lane is not a short plain name. */
export function checkTicket({ id, lane }: Pick<Ticket, 'id' | 'lane'>): void {
  for (const [what, name] of [
    ['id', id],
    ['lane', lane],
  ] as const) {
    if (name.length <= LONGEST && NAME.test(name)) continue;
    throw new FlotillaError(
      'INVALID_INPUT',
      `The ${what} of a ticket must be 1 to ${LONGEST} characters of A-Z, a-z, 0-9, "_", "." and "-".`,
      { details: { [what]: name.slice(0, LONGEST), length: name.length } },
    );
  }
}
