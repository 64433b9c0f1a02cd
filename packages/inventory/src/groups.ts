import type { Sql } from '@flotilla/store';
import { hostNotFound, notFound } from './hosts/not-found.ts';
import { rowOf } from './hosts/rows.ts';
import { noteChange } from './memo.ts';
import type { GroupView } from './types.ts';

export function listGroups(sql: Sql): GroupView[] {
  return sql
    .all<{ name: string; aliases: string }>(
      `SELECT name, (SELECT json_group_array(alias ORDER BY alias) FROM host_group_member
         WHERE name = host_group.name) AS aliases FROM host_group ORDER BY name`,
    )
    .map((row) => ({ name: row.name, aliases: JSON.parse(row.aliases) as string[] }));
}

/** Replaces the members; NOT_FOUND for an unknown alias, and then nothing is changed. */
export function setGroup(
  sql: Sql,
  name: string,
  aliases: readonly string[],
  now: number,
): { added: string[]; removed: string[] } {
  for (const alias of aliases) if (!rowOf(sql, alias)) throw hostNotFound(sql, alias);
  const before = new Set(listGroups(sql).find((group) => group.name === name)?.aliases);
  const after = new Set(aliases);
  noteChange(sql);
  ensureGroup(sql, name, now);
  sql.run('DELETE FROM host_group_member WHERE name = ?', [name]);
  for (const alias of after) sql.run('INSERT INTO host_group_member VALUES (?, ?)', [name, alias]);
  return {
    added: [...after].filter((alias) => !before.has(alias)).sort(),
    removed: [...before].filter((alias) => !after.has(alias)).sort(),
  };
}

/** NOT_FOUND names the nearest group. Returns the members that it had. */
export function removeGroup(sql: Sql, name: string): string[] {
  const groups = listGroups(sql);
  const group = groups.find((candidate) => candidate.name === name);
  if (!group) throw groupNotFound(groups, name);
  noteChange(sql);
  sql.run('DELETE FROM host_group WHERE name = ?', [name]);
  return group.aliases;
}

/** Makes the alias a member of exactly these groups; groups that do not exist are made. */
export function replaceGroupsOf(sql: Sql, alias: string, names: readonly string[], now: number): void {
  sql.run('DELETE FROM host_group_member WHERE alias = ?', [alias]);
  for (const name of new Set(names)) {
    ensureGroup(sql, name, now);
    sql.run('INSERT INTO host_group_member VALUES (?, ?)', [name, alias]);
  }
}

const ensureGroup = (sql: Sql, name: string, now: number): unknown =>
  sql.run('INSERT OR IGNORE INTO host_group VALUES (?, ?)', [name, now]);

export const groupNotFound = (groups: readonly GroupView[], name: string): Error =>
  notFound(
    'group',
    name,
    groups.map((group) => group.name),
    'server_group_list shows them; server_group_set makes one.',
  );
