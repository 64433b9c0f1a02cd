import type { SchemaPart } from '@flotilla/core';

const TOKENS = `
CREATE TABLE worker_token (
  name TEXT PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  lanes TEXT NOT NULL,
  labels TEXT NOT NULL,
  standing INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE worker_seen (
  id TEXT PRIMARY KEY,
  token TEXT NOT NULL,
  lanes TEXT NOT NULL,
  labels TEXT NOT NULL,
  seen_at INTEGER NOT NULL
) STRICT;

CREATE TABLE worker_reach (
  alias TEXT NOT NULL,
  label TEXT NOT NULL,
  PRIMARY KEY (alias, label)
) STRICT, WITHOUT ROWID;

CREATE TABLE worker_request (
  id TEXT PRIMARY KEY,
  labels TEXT NOT NULL,
  alias TEXT NOT NULL,
  body TEXT NOT NULL,
  taken_by TEXT,
  result TEXT,
  created_at INTEGER NOT NULL
) STRICT;
`;

const QUEUE_TROUBLE = 'ALTER TABLE worker_seen ADD COLUMN queue_trouble TEXT;';

/**
 * Tables of the workers on other machines: their tokens, when each was last heard of, which hosts only some of them
 * reach, and what is asked of those.
 */
export const workersSchema: SchemaPart = { name: 'workers', migrations: [TOKENS, QUEUE_TROUBLE] };
