import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FlotillaError, type SchemaPart } from '@flotilla/core';
import type Database from 'better-sqlite3';
import { isBusy } from './sqlite-code.ts';

type Versions = Map<string, number>;

/**
 * Brings the schema up to date. A file with a part newer than known is refused; tables that an existing file holds
 * are changed only while no other process has it open, after a backup.
 */
export function migrate(db: Database.Database, parts: readonly SchemaPart[]): void {
  const found = readVersions(db);
  refuseNewer(db.name, found, parts);
  if (!parts.some((part) => isOlder(found, part))) return;
  // Tables of a part that the file has not seen concern nobody who has it open.
  if (!parts.some((part) => found.has(part.name) && isOlder(found, part))) {
    apply(db, parts);
    return;
  }
  takeExclusively(db);
  try {
    backup(db, found);
    apply(db, parts);
  } finally {
    db.pragma('journal_mode = WAL');
  }
}

const isOlder = (found: Versions, part: SchemaPart): boolean =>
  (found.get(part.name) ?? 0) < part.migrations.length;

function readVersions(db: Database.Database): Versions {
  const present = db
    .prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_part'")
    .get();
  if (!present) return new Map();
  const rows = db.prepare('SELECT name, version FROM schema_part').all() as {
    name: string;
    version: number;
  }[];
  return new Map(rows.map((row) => [row.name, row.version]));
}

function refuseNewer(file: string, found: Versions, parts: readonly SchemaPart[]): void {
  for (const part of parts) {
    const version = found.get(part.name) ?? 0;
    if (version <= part.migrations.length) continue;
    throw new FlotillaError('CONFLICT', `The state file was written by a newer Flotilla: ${file}`, {
      details: { file, part: part.name, version, known: part.migrations.length },
      hint: `Part "${part.name}" has version ${version}, this Flotilla knows ${part.migrations.length}. Update Flotilla; nothing was changed.`,
    });
  }
}

function apply(db: Database.Database, parts: readonly SchemaPart[]): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    db.exec(
      'CREATE TABLE IF NOT EXISTS schema_part (name TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT',
    );
    const found = readVersions(db);
    let total = 0;
    for (const part of parts) {
      for (const sql of part.migrations.slice(found.get(part.name) ?? 0)) db.exec(sql);
      db.prepare('INSERT OR REPLACE INTO schema_part (name, version) VALUES (?, ?)').run(
        part.name,
        part.migrations.length,
      );
      total += part.migrations.length;
    }
    db.pragma(`user_version = ${total}`);
    db.exec('COMMIT');
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** Leaving WAL mode works only while no other connection exists: the proof that no peer is alive. */
function takeExclusively(db: Database.Database): void {
  try {
    db.pragma('journal_mode = DELETE');
  } catch (error) {
    if (!isBusy(error)) throw error;
    throw new FlotillaError(
      'CONFLICT',
      `The state file has to be upgraded, but other processes have it open: ${db.name}`,
      {
        details: { file: db.name },
        hint: 'Stop the other flotilla processes (hubs of other assistants, flotilla serve), then start this one again.',
        cause: error,
      },
    );
  }
}

function backup(db: Database.Database, found: Versions): void {
  const folder = join(dirname(db.name), 'backups');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const label = [...found].map(([name, version]) => `${name}${version}`).join('-');
  const target = join(folder, `state-${label}.sqlite`);
  if (!existsSync(target)) db.prepare('VACUUM INTO ?').run(target);
}
