/** Groups of critical lines that a digest has seen, per host; `looks` remembers when. */
export const digestTables = `
CREATE TABLE monitoring_log_look (alias TEXT PRIMARY KEY, at INTEGER NOT NULL, since INTEGER NOT NULL) STRICT;
CREATE TABLE monitoring_log_seen (
  alias TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  level TEXT NOT NULL,
  origin TEXT NOT NULL,
  message TEXT NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  -- lines per hour in the last look that found any
  rate REAL NOT NULL,
  -- it was there in the last look
  present INTEGER NOT NULL,
  PRIMARY KEY (alias, fingerprint)
) STRICT, WITHOUT ROWID;
`;
