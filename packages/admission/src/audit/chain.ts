import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Sql } from '@flotilla/store';
import { canonicalJson } from './canonical-json.ts';

export type RowKind = 'begin' | 'end' | 'checkpoint';

/** One row of the log before it has its place in the chain. */
export interface Draft {
  time: number;
  kind: RowKind;
  call: string;
  tool?: string | undefined;
  principal?: string | undefined;
  aliases?: readonly string[] | undefined;
  body: Record<string, unknown>;
}

export interface AuditRow {
  seq: number;
  time: number;
  kind: RowKind;
  call: string;
  tool: string | null;
  principal: string | null;
  aliases: string | null;
  body: string;
  prev: string;
  hash: string;
}

/** The newest row; two heads of the same log are equal up to where they were taken. */
export interface Head {
  seq: number;
  hash: string;
}

export const GENESIS: Head = { seq: 0, hash: '0'.repeat(64) };

/** HMAC-SHA-256 over the previous hash and every column, in canonical JSON. */
export function rowHash(key: Uint8Array, row: Omit<AuditRow, 'hash'>): string {
  const { prev, seq, time, kind, call, tool, principal, aliases, body } = row;
  return mac(key, 'row', [prev, seq, time, kind, call, tool, principal, aliases, body]);
}

const headMac = (key: Uint8Array, head: Head): string => mac(key, 'head', [head.seq, head.hash]);

const mac = (key: Uint8Array, purpose: string, values: readonly unknown[]): string =>
  createHmac('sha256', prepared(key))
    .update(`flotilla audit ${purpose}\0`)
    .update(canonicalJson(values))
    .digest('hex');

const preparedKeys = new WeakMap<Uint8Array, KeyObject>();

/** Raw bytes would be prepared again for every row, which takes longer than the digest. */
function prepared(key: Uint8Array): KeyObject {
  const known = preparedKeys.get(key) ?? createSecretKey(key);
  preparedKeys.set(key, known);
  return known;
}

/** Appends rows inside a write transaction, which is what makes the order the same for every process. */
export function append(sql: Sql, key: Uint8Array, drafts: readonly Draft[]): Head {
  let head = nextPlace(sql, key);
  for (const draft of drafts) {
    const row = {
      seq: head.seq + 1,
      time: draft.time,
      kind: draft.kind,
      call: draft.call,
      tool: draft.tool ?? null,
      principal: draft.principal ?? null,
      aliases: draft.aliases ? JSON.stringify(draft.aliases) : null,
      body: canonicalJson(draft.body),
      prev: head.hash,
    };
    const hash = rowHash(key, row);
    sql.run(
      `INSERT INTO audit (seq, time, kind, call, tool, principal, aliases, body, prev, hash)
       VALUES (@seq, @time, @kind, @call, @tool, @principal, @aliases, @body, @prev, @hash)`,
      { ...row, hash },
    );
    head = { seq: row.seq, hash };
  }
  sql.run('INSERT OR REPLACE INTO audit_head (id, seq, hash, mac) VALUES (1, ?, ?, ?)', [
    head.seq,
    head.hash,
    headMac(key, head),
  ]);
  return head;
}

/** The newest row, and whether the stored head vouches for it. */
export function readHead(sql: Sql, key: Uint8Array): { head: Head; intact: boolean } {
  const newest = sql.get<Head>('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1');
  const stored = sql.get<Head & { mac: string }>('SELECT seq, hash, mac FROM audit_head WHERE id = 1');
  if (!stored && !newest) return { head: GENESIS, intact: true };
  const head = { seq: stored?.seq ?? 0, hash: stored?.hash ?? '' };
  const intact = stored?.mac === headMac(key, head) && newest?.seq === head.seq && newest.hash === head.hash;
  return { head: { seq: Math.max(newest?.seq ?? 0, head.seq), hash: head.hash }, intact };
}

/**
 * Where the next row goes. When rows or the head were tampered with, the log goes on behind a gap that stays
 * visible for ever: a new head must not cover the traces.
 */
function nextPlace(sql: Sql, key: Uint8Array): Head {
  const { head, intact } = readHead(sql, key);
  return intact ? head : { seq: head.seq + 1, hash: 'f'.repeat(64) };
}
