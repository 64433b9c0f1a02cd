import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { useWriteAheadLog } from '@flotilla/store/write-ahead-log';
import Database from 'better-sqlite3';

/** Version of the tables below; a file with a greater one is refused. */
const VERSION = 1;

const TABLES = `
CREATE TABLE host (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  host INTEGER NOT NULL,
  name TEXT NOT NULL,
  labels TEXT NOT NULL,
  UNIQUE (host, name, labels)
) STRICT;
CREATE INDEX series_by_name ON series (name, host);
CREATE TABLE layout (
  id INTEGER PRIMARY KEY,
  host INTEGER NOT NULL,
  series BLOB NOT NULL,
  UNIQUE (host, series)
) STRICT;
CREATE TABLE latest (host INTEGER PRIMARY KEY, at INTEGER NOT NULL, reading TEXT NOT NULL) STRICT;
CREATE TABLE gap (
  host INTEGER NOT NULL,
  from_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  count INTEGER NOT NULL,
  reason TEXT NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (host, from_at)
) WITHOUT ROWID, STRICT;
`;

/** Opens the file of the history, for a thread of its own: a busy file is waited for. */
export function openFile(file: string): Database.Database {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const db = new Database(file, { timeout: 5_000 });
  try {
    chmodSync(file, 0o600);
    db.pragma('page_size = 8192');
    useWriteAheadLog(db);
    db.pragma('synchronous = NORMAL');
    db.exec('BEGIN IMMEDIATE');
    const version = Number(db.pragma('user_version', { simple: true }));
    if (version > VERSION) {
      throw Object.assign(new Error(`The metrics file was written by a newer Flotilla: ${file}`), {
        code: 'NEWER',
      });
    }
    if (version < VERSION) {
      db.exec(TABLES);
      db.pragma(`user_version = ${VERSION}`);
    }
    db.exec('COMMIT');
    return db;
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    db.close();
    throw error;
  }
}
