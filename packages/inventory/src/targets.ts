import { FlotillaError, isFlotillaError, type Target } from '@flotilla/core';
import type { Sql } from '@flotilla/store';
import { groupNotFound, listGroups } from './groups.ts';
import { hostNotFound, notFound } from './hosts/not-found.ts';
import { allRows, type HostRow, rowOf } from './hosts/rows.ts';

/**
 * Rows of a target expression: words in the order given, the hosts of a selection by alias, each host once.
 * NOT_FOUND for an unknown name and for a selection without hosts.
 */
export function rowsOfTarget(sql: Sql, target: Target): HostRow[] {
  if (typeof target === 'string') return rowsOfWord(sql, target);
  const found = new Map<string, HostRow>();
  for (const word of target) for (const row of rowsOfWord(sql, word)) found.set(row.alias, row);
  if (found.size === 0) throw new FlotillaError('INVALID_INPUT', 'The list of hosts is empty.');
  return [...found.values()];
}

function rowsOfWord(sql: Sql, word: string): HostRow[] {
  if (word === 'all') return selected(allRows(sql), 'There is no host yet.');
  const [, kind, name = ''] = /^(group|env|tag):(.*)$/s.exec(word) ?? [];
  if (kind === 'group') return ofGroup(sql, name);
  if (kind === 'env') return ofLabel(sql, 'environment', name, (row) => (row.env === null ? [] : [row.env]));
  if (kind === 'tag') return ofLabel(sql, 'tag', name, (row) => JSON.parse(row.tags) as string[]);
  const row = rowOf(sql, word);
  if (!row) throw hostNotFound(sql, word);
  return [row];
}

function ofGroup(sql: Sql, name: string): HostRow[] {
  const groups = listGroups(sql);
  const group = groups.find((candidate) => candidate.name === name);
  if (!group) throw groupNotFound(groups, name);
  const rows = group.aliases.map((alias) => rowOf(sql, alias)).filter((row) => row !== undefined);
  return selected(rows, `The group "${name}" has no hosts.`);
}

function ofLabel(
  sql: Sql,
  what: string,
  name: string,
  labels: (row: HostRow) => readonly string[],
): HostRow[] {
  const rows = allRows(sql);
  const found = rows.filter((row) => labels(row).includes(name));
  if (found.length > 0) return found;
  const known = [...new Set(rows.flatMap(labels))].sort();
  throw notFound(what, name, known, 'server_list shows them; server_add sets them.');
}

function selected(rows: HostRow[], whenEmpty: string): HostRow[] {
  if (rows.length > 0) return rows;
  throw new FlotillaError('NOT_FOUND', whenEmpty, {
    hint: 'Register hosts with server_add or server_import.',
  });
}

export interface HostGuards {
  alias: string;
  readonly: boolean;
  protected: boolean;
}

/** Flags of the hosts that a word means; none for a word that means nothing. */
export const guardsOf = (sql: Sql, word: string): HostGuards[] =>
  known(sql, word).map((row) => ({
    alias: row.alias,
    readonly: row.readonly === 1,
    protected: row.protected === 1,
  }));

function known(sql: Sql, word: string): HostRow[] {
  try {
    return rowsOfWord(sql, word);
  } catch (error) {
    if (isFlotillaError(error) && error.code === 'NOT_FOUND') return [];
    throw error;
  }
}
