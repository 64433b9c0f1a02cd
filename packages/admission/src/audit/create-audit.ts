import { randomUUID } from 'node:crypto';
import type { Audit, AuditEntry, AuditReader, Redactor } from '@flotilla/core';
import type { StateStore } from '@flotilla/store';
import { type Head, readHead } from './chain.ts';
import { beginDraft, endDraft } from './drafts.ts';
import { pruneRows } from './retention.ts';
import { searchCalls } from './search.ts';
import { type Verification, verifyChain } from './verify.ts';
import { createRowWriter } from './writer.ts';

export interface AuditOptions {
  store: StateStore;
  redactor: Redactor;
  /** Key of the chain, the same for all processes of a data folder. */
  hmacKey: Uint8Array;
  now?: () => number;
}

export interface AuditLog extends Audit, AuditReader {
  /**
   * Returns at once; the row of a call that can change something is in the next transaction, others follow within
   * 25 ms. STORAGE_FULL, for a call that can change something, while rows cannot be stored.
   */
  begin(entry: AuditEntry): ReturnType<Audit['begin']>;
  verify(known?: Head): Promise<Verification>;
  /** The newest row. To be kept elsewhere. */
  head(): Head;
  /** Removes calls older than this many milliseconds; returns how many rows. */
  prune(olderThanMs: number): Promise<number>;
  /** Resolves when everything begun and ended so far is stored. Before the store is closed. */
  flush(): Promise<void>;
}

export function createAudit({ store, redactor, hmacKey, now = Date.now }: AuditOptions): AuditLog {
  const writer = createRowWriter(store, hmacKey);
  return {
    begin(entry) {
      const call = randomUUID();
      const changing = entry.effect !== 'read';
      writer.add(beginDraft(call, entry, redactor, now()), changing);
      const failure = writer.failure();
      if (failure && changing) {
        writer.add(endDraft(call, { result: 'error', code: failure.code, durationMs: 0 }, now()), false);
        throw failure;
      }
      return { end: (outcome) => writer.add(endDraft(call, outcome, now()), false) };
    },
    search: (query = {}) => store.read((sql) => searchCalls(sql, query)),
    verify: async (known) => {
      await writer.flush();
      return verifyChain(store, hmacKey, known);
    },
    head: () => store.read((sql) => readHead(sql, hmacKey).head),
    prune: (olderThanMs) => pruneRows(store, hmacKey, now() - olderThanMs, now),
    flush: () => writer.flush(),
  };
}
