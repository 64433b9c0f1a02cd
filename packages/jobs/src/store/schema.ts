import type { SchemaPart } from '@flotilla/core';

const RUNS = `
CREATE TABLE job_run (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  lane TEXT NOT NULL,
  tool TEXT NOT NULL,
  state TEXT NOT NULL,
  open INTEGER NOT NULL,
  summary TEXT NOT NULL,
  principal TEXT NOT NULL,
  caller TEXT NOT NULL,
  aliases TEXT NOT NULL,
  args TEXT NOT NULL,
  locks TEXT,
  digest TEXT NOT NULL,
  idempotency_key TEXT,
  retry_of TEXT,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  ended_at INTEGER,
  epoch INTEGER NOT NULL DEFAULT 1,
  fence INTEGER NOT NULL DEFAULT 0,
  cancel TEXT,
  waiting_for TEXT,
  progress TEXT,
  output TEXT,
  is_error INTEGER,
  failure TEXT,
  tail TEXT NOT NULL DEFAULT '',
  note TEXT
) STRICT;
CREATE INDEX job_run_open ON job_run (state, seq) WHERE open = 1;
CREATE INDEX job_run_in_flight ON job_run (digest) WHERE open = 1;
CREATE INDEX job_run_key ON job_run (principal, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX job_run_ended ON job_run (ended_at) WHERE open = 0;

CREATE TABLE job_step (
  id INTEGER PRIMARY KEY,
  run TEXT NOT NULL REFERENCES job_run (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  alias TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  command_id TEXT,
  intent_at INTEGER NOT NULL,
  acked INTEGER NOT NULL DEFAULT 0,
  outcome TEXT,
  exit_code INTEGER,
  signal TEXT,
  question TEXT,
  asked_at INTEGER,
  failure TEXT,
  note TEXT,
  ended_at INTEGER,
  remote TEXT,
  UNIQUE (run, key, alias)
) STRICT;
CREATE INDEX job_step_remote ON job_step (remote) WHERE remote IS NOT NULL;

CREATE TABLE job_lock (
  key TEXT NOT NULL,
  seq INTEGER NOT NULL,
  run TEXT NOT NULL REFERENCES job_run (id) ON DELETE CASCADE,
  PRIMARY KEY (key, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_lock_run ON job_lock (run);

CREATE TABLE job_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
`;

const TICKETS = `
CREATE TABLE job_ticket (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  lane TEXT NOT NULL,
  priority INTEGER NOT NULL DEFAULT 0,
  not_before INTEGER NOT NULL DEFAULT 0,
  holder TEXT,
  fence INTEGER NOT NULL DEFAULT 0,
  cancel INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX job_ticket_waiting ON job_ticket (lane, priority DESC, seq) WHERE holder IS NULL;
CREATE INDEX job_ticket_held ON job_ticket (holder) WHERE holder IS NOT NULL;

CREATE TABLE job_peer (
  id TEXT PRIMARY KEY,
  pid INTEGER NOT NULL,
  started TEXT NOT NULL,
  machine TEXT NOT NULL,
  beat INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE job_lease (name TEXT PRIMARY KEY, holder TEXT NOT NULL) STRICT;
CREATE TABLE job_lane_pause (lane TEXT PRIMARY KEY) STRICT;
`;

/** Tables of runs and of the embedded queue driver. */
export const jobsSchema: SchemaPart = { name: 'jobs', migrations: [RUNS + TICKETS] };
