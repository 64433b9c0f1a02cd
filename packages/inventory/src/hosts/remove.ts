import { FlotillaError } from '@flotilla/core';
import type { Sql } from '@flotilla/store';
import { bumpCounter } from '../counter.ts';
import { noteChange } from '../memo.ts';
import type { HostEntry } from '../types.ts';
import { dependents } from './jumps.ts';
import { hostNotFound } from './not-found.ts';
import { rowOf, toEntry } from './rows.ts';

/** Removes a host with its secrets, pins, tags and memberships. A guard cannot be shed by removing the host. */
export function removeHost(sql: Sql, alias: string, person: boolean): HostEntry {
  const row = rowOf(sql, alias);
  if (!row) throw hostNotFound(sql, alias);
  const entry = toEntry(row);
  const behind = dependents(sql, alias);
  if (behind.length > 0) {
    throw new FlotillaError('CONFLICT', `${alias} is the bastion of ${behind.join(', ')}.`, {
      details: { alias, dependents: behind },
      hint: 'Give those hosts another jump, or remove them first.',
    });
  }
  const guard = entry.protected ? 'protected' : entry.readonly ? 'readonly' : undefined;
  if (guard && !person) {
    throw new FlotillaError(
      'APPROVAL_REQUIRED',
      `Only a person can remove ${alias}: it is marked ${guard}.`,
      {
        details: { alias, guard },
        hint: `A person runs it at a terminal: flotilla host remove ${alias}`,
      },
    );
  }
  noteChange(sql);
  sql.run('DELETE FROM host WHERE alias = ?', [alias]);
  if (entry.secrets.length > 0) bumpCounter(sql, 'secrets');
  return entry;
}
