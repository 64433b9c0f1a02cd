import type { SchemaPart } from '@flotilla/core';

const SCHEDULES = `
CREATE TABLE schedule (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  -- what is called, when, and the rules, as JSON
  definition TEXT NOT NULL,
  -- its arguments and on whose behalf, sealed
  call TEXT NOT NULL,
  -- the arguments as they may be shown, as JSON
  shown TEXT NOT NULL,
  owner TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  -- grows with every change of the definition
  revision INTEGER NOT NULL,
  -- fire times until then are decided
  decided_at INTEGER NOT NULL,
  -- when it is due next; NULL: never again, or paused
  due_at INTEGER,
  failures INTEGER NOT NULL DEFAULT 0,
  added_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX schedule_due ON schedule (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE schedule_firing (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  schedule TEXT NOT NULL REFERENCES schedule (id) ON DELETE CASCADE,
  -- 'time' or 'hand'
  kind TEXT NOT NULL,
  fire_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  open INTEGER NOT NULL,
  late INTEGER NOT NULL DEFAULT 0,
  -- fire times that it stands for, when they were skipped together
  times INTEGER NOT NULL DEFAULT 1,
  -- the process that calls, and its counter while it does
  caller TEXT,
  beat INTEGER NOT NULL DEFAULT 0,
  -- what is called, sealed, until that is known to have happened
  call TEXT,
  run_id TEXT,
  -- its run was asked to end in favour of a later one
  replaced INTEGER NOT NULL DEFAULT 0,
  reason TEXT,
  failure TEXT,
  output TEXT,
  decided_at INTEGER NOT NULL,
  started_at INTEGER,
  ended_at INTEGER,
  UNIQUE (schedule, kind, fire_at)
) STRICT;
CREATE INDEX schedule_firing_open ON schedule_firing (schedule, id) WHERE open = 1;
CREATE INDEX schedule_firing_last ON schedule_firing (schedule, id);

-- the process that fires now, for those who ask
CREATE TABLE schedule_firer (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  pid INTEGER NOT NULL,
  since INTEGER NOT NULL,
  seen_at INTEGER NOT NULL
) STRICT;
`;

/** The tables of schedules in the state file. Append only: what has landed is never edited. */
export const schedulesSchema: SchemaPart = { name: 'schedules', migrations: [SCHEDULES] };
