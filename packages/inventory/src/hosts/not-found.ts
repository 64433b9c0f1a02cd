import { FlotillaError } from '@flotilla/core';
import type { Sql } from '@flotilla/store';
import { listed, nearest } from '../nearest.ts';
import { allAliases } from './rows.ts';

export function hostNotFound(sql: Sql, alias: string): FlotillaError {
  return notFound('host', alias, allAliases(sql), 'server_list shows them; server_add registers one.');
}

/** NOT_FOUND that names the most similar known name and what exists. */
export function notFound(what: string, name: string, known: readonly string[], how: string): FlotillaError {
  const shown = name.slice(0, 100);
  const similar = nearest(name, known);
  return new FlotillaError(
    'NOT_FOUND',
    `No ${what} is called "${shown}".${similar === undefined ? '' : ` Did you mean "${similar}"?`}`,
    {
      details: {
        [what]: shown,
        ...(similar !== undefined && { nearest: similar }),
        known: known.slice(0, 50),
      },
      hint: known.length === 0 ? `There is no ${what} yet. ${how}` : `Known: ${listed(known)}. ${how}`,
    },
  );
}
