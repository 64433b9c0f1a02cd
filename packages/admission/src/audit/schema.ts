import type { SchemaPart } from '@flotilla/core';

/**
 * Rows of kind `begin`, `end` (same `call`) and `checkpoint` (says that older rows were removed). `hash` chains each row
 * to the one before; `audit_head` names the newest row under a MAC, so that rows missing at the end are noticed too.
 */
export const auditPart: SchemaPart = {
  name: 'audit',
  migrations: [
    `
    CREATE TABLE audit (
      seq INTEGER PRIMARY KEY,
      time INTEGER NOT NULL,
      kind TEXT NOT NULL,
      call TEXT NOT NULL,
      tool TEXT,
      principal TEXT,
      aliases TEXT,
      body TEXT NOT NULL,
      prev TEXT NOT NULL,
      hash TEXT NOT NULL
    ) STRICT;
    CREATE INDEX audit_call ON audit (call, kind);
    CREATE INDEX audit_time ON audit (time);
    CREATE INDEX audit_checkpoint ON audit (seq) WHERE kind = 'checkpoint';
    CREATE TABLE audit_head (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      seq INTEGER NOT NULL,
      hash TEXT NOT NULL,
      mac TEXT NOT NULL
    ) STRICT;
    `,
  ],
};
