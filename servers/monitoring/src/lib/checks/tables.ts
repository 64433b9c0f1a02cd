/** Checks, their last results, and every change of state (the source of uptime figures). */
export const checkTables = `
CREATE TABLE monitoring_check (
  name TEXT PRIMARY KEY,
  -- what is checked and from where, as JSON
  definition TEXT NOT NULL,
  added_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE TABLE monitoring_check_result (
  name TEXT NOT NULL REFERENCES monitoring_check (name) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  status TEXT NOT NULL,
  ms REAL,
  reason TEXT,
  -- one entry per vantage point, as JSON
  vantages TEXT NOT NULL,
  PRIMARY KEY (name, at)
) STRICT, WITHOUT ROWID;
CREATE TABLE monitoring_check_change (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL REFERENCES monitoring_check (name) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  status TEXT NOT NULL,
  reason TEXT
) STRICT;
CREATE INDEX monitoring_check_change_of ON monitoring_check_change (name, at);
`;
