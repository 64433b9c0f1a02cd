import type { SchemaPart } from '@flotilla/core';

const FIRST = `
CREATE TABLE pipeline (
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  definition TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  person INTEGER NOT NULL,
  PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE pipeline_child (
  run TEXT NOT NULL,
  step TEXT NOT NULL,
  child TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  PRIMARY KEY (run, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE pipeline_lock (
  key TEXT NOT NULL,
  seq INTEGER NOT NULL,
  run TEXT NOT NULL,
  step TEXT NOT NULL,
  PRIMARY KEY (key, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX pipeline_lock_holder ON pipeline_lock (run, step, key);
`;

/** The tables of pipelines in the state file. */
export const pipelinesSchema: SchemaPart = { name: 'pipelines', migrations: [FIRST] };
