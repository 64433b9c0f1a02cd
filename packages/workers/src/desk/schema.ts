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
`;

/** Tables of the workers on other machines: their tokens, and when each was last heard of. */
export const workersSchema: SchemaPart = { name: 'workers', migrations: [TOKENS] };
