/** Rules, the alerts they made, silences, groups of notices per receiver, notices on their way. */
export const alertTables = `
CREATE TABLE monitoring_alert_rule (
  name TEXT PRIMARY KEY, grp TEXT NOT NULL, rule TEXT NOT NULL, enabled INTEGER NOT NULL, changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE monitoring_alert (
  fingerprint TEXT PRIMARY KEY,
  rule TEXT NOT NULL,
  -- rule, or alertmanager: came in by its webhook
  source TEXT NOT NULL,
  labels TEXT NOT NULL,
  annotations TEXT NOT NULL,
  value REAL,
  state TEXT NOT NULL,
  active_at INTEGER NOT NULL,
  fired_at INTEGER,
  resolved_at INTEGER,
  -- the expression last held
  true_at INTEGER NOT NULL,
  -- the last evaluation that said anything about it
  seen_at INTEGER NOT NULL,
  -- there is no data: it stays as it is
  held INTEGER NOT NULL DEFAULT 0,
  cause TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX monitoring_alert_state ON monitoring_alert (state, resolved_at);
CREATE TABLE monitoring_alert_event (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  fingerprint TEXT NOT NULL,
  rule TEXT NOT NULL,
  severity TEXT NOT NULL,
  labels TEXT NOT NULL,
  kind TEXT NOT NULL,
  summary TEXT NOT NULL,
  lasted_ms INTEGER
) STRICT;
CREATE INDEX monitoring_alert_event_at ON monitoring_alert_event (at);
CREATE TABLE monitoring_silence (
  id TEXT PRIMARY KEY,
  matchers TEXT NOT NULL,
  starts_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  -- '', day or week: comes again
  every TEXT NOT NULL,
  created_by TEXT NOT NULL,
  comment TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE monitoring_notifier (
  name TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  sealed_url TEXT NOT NULL,
  settings TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE monitoring_alert_group (
  receiver TEXT NOT NULL,
  group_key TEXT NOT NULL,
  next_flush INTEGER NOT NULL,
  notified_at INTEGER,
  -- fingerprints that the receiver was told of
  firing TEXT NOT NULL,
  PRIMARY KEY (receiver, group_key)
) STRICT, WITHOUT ROWID;
CREATE TABLE monitoring_outbox (
  id TEXT PRIMARY KEY,
  receiver TEXT NOT NULL,
  group_key TEXT NOT NULL,
  message TEXT NOT NULL,
  -- pending, sending, sent, dead
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  sent_at INTEGER,
  error TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX monitoring_outbox_due ON monitoring_outbox (state, next_at);
`;
