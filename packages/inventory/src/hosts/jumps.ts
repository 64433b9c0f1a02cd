import { FlotillaError } from '@flotilla/core';
import type { Sql } from '@flotilla/store';

const MOST_HOPS = 8;

interface Hop {
  alias: string;
  jump: string | null;
}

/** INVALID_INPUT when going through `jump` would lead back to `alias`, or over more than 8 bastions. */
export function refuseCycle(sql: Sql, alias: string, jump: string): void {
  const route = [alias];
  for (let next: string | null | undefined = jump; next; next = nextHop(sql, next)) {
    if (next === alias) throw badRoute([...route, next], 'leads back to itself');
    route.push(next);
    if (route.length > MOST_HOPS + 1) throw badRoute(route, `has more than ${MOST_HOPS} bastions`);
  }
}

const nextHop = (sql: Sql, alias: string): string | null | undefined =>
  sql.get<Hop>('SELECT alias, jump FROM host WHERE alias = ?', [alias])?.jump;

/** Aliases that go through this one, directly or over others. */
export const dependents = (sql: Sql, alias: string): string[] =>
  sql
    .all<{ alias: string }>(
      `WITH RECURSIVE behind (alias) AS (
         SELECT alias FROM host WHERE jump = ?
         UNION SELECT host.alias FROM host JOIN behind ON host.jump = behind.alias
       ) SELECT alias FROM behind ORDER BY alias`,
      [alias],
    )
    .map((row) => row.alias);

function badRoute(route: readonly string[], what: string): FlotillaError {
  return new FlotillaError('INVALID_INPUT', `The route over bastions ${what}: ${route.join(' → ')}`, {
    details: { route },
    hint: 'Choose another jump host.',
  });
}
