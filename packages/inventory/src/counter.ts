import type { Sql } from '@flotilla/store';
import { noteChange } from './memo.ts';

/** `revision` numbers changes of host records, `secrets` changes of stored secrets. */
export type CounterName = 'revision' | 'secrets';

/** The next number; never given twice. Call inside a write. */
export function bumpCounter(sql: Sql, name: CounterName): number {
  noteChange(sql);
  sql.run('UPDATE inventory_counter SET value = value + 1 WHERE name = ?', [name]);
  return readCounter(sql, name);
}

export const readCounter = (sql: Sql, name: CounterName): number =>
  sql.get<{ value: number }>('SELECT value FROM inventory_counter WHERE name = ?', [name])?.value ?? 0;
