import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Sql, StateStore } from '@flotilla/store';
import { type AuditRow, GENESIS, type Head, readHead, rowHash } from './chain.ts';

export interface Verification {
  ok: boolean;
  /** Rows that were checked. */
  rows: number;
  /** The newest row; keep it elsewhere to notice later that history was rewritten. */
  head: Head;
  /** The first row that does not hold. */
  broken?: { seq: number; reason: string };
}

const CHUNK = 1_000;

/**
 * Walks the whole chain, a thousand rows per turn of the event loop. `known`: a head that was exported earlier and
 * must still be part of the log, unless retention removed it.
 */
export async function verifyChain(store: StateStore, key: Uint8Array, known?: Head): Promise<Verification> {
  const start = store.read((sql) => ({ ...readHead(sql, key), first: firstPlace(sql) }));
  let rows = 0;
  const ended = (broken?: Verification['broken']): Verification => ({
    ok: broken === undefined,
    rows,
    head: start.head,
    ...(broken && { broken }),
  });
  if (!start.first)
    return ended({
      seq: 1,
      reason: 'The oldest rows are missing, and no checkpoint says that they were removed.',
    });
  let last: Head = start.first;
  while (last.seq < start.head.seq) {
    const { seq } = last;
    const chunk = store.read((sql) => rowsAfter(sql, seq));
    for (const row of chunk) {
      const reason = fault(key, last, row, known);
      if (reason) return ended({ seq: Math.min(row.seq, last.seq + 1), reason });
      last = row;
      rows++;
    }
    if (chunk.length === 0) return ended({ seq: last.seq + 1, reason: 'The newest rows are missing.' });
    await nextTurn();
  }
  if (!start.intact)
    return ended({
      seq: start.head.seq,
      reason: 'The head does not belong to the newest row: rows at the end were removed or replaced.',
    });
  if (known && known.seq > start.head.seq)
    return ended({ seq: start.head.seq + 1, reason: 'Rows up to the known head are missing.' });
  return ended();
}

/** Where the walk begins: at the beginning, or where a checkpoint says that retention ended. */
function firstPlace(sql: Sql): Head | undefined {
  const oldest = sql.get<AuditRow>('SELECT * FROM audit ORDER BY seq LIMIT 1');
  if (!oldest || oldest.prev === GENESIS.hash) return GENESIS;
  const place = { seq: oldest.seq - 1, hash: oldest.prev };
  const vouched = sql
    .all<{ body: string }>("SELECT body FROM audit WHERE kind = 'checkpoint' ORDER BY seq DESC")
    .map((row) => JSON.parse(row.body) as Head)
    .some((checkpoint) => checkpoint.seq === place.seq && checkpoint.hash === place.hash);
  return vouched ? place : undefined;
}

const rowsAfter = (sql: Sql, seq: number): AuditRow[] =>
  sql.all<AuditRow>('SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ?', [seq, CHUNK]);

function fault(key: Uint8Array, last: Head, row: AuditRow, known: Head | undefined): string | undefined {
  if (row.seq !== last.seq + 1) return `Rows ${last.seq + 1} to ${row.seq - 1} are missing.`;
  if (row.prev !== last.hash) return 'It does not follow the row before it: that row was replaced.';
  if (rowHash(key, row) !== row.hash) return 'Its content was changed.';
  if (known?.seq === row.seq && known.hash !== row.hash)
    return 'It is another row than the known head names.';
  return undefined;
}
