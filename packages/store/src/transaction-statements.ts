import type Database from 'better-sqlite3';

/** What every transaction says, prepared once: parsing these each time took longer than most writes. */
export interface TransactionStatements {
  begin: Database.Statement;
  savepoint: Database.Statement;
  release: Database.Statement;
  undo: Database.Statement;
  commit: Database.Statement;
  foreignVersion: Database.Statement;
}

export const transactionStatements = (db: Database.Database): TransactionStatements => ({
  begin: db.prepare('BEGIN IMMEDIATE'),
  savepoint: db.prepare('SAVEPOINT one'),
  release: db.prepare('RELEASE one'),
  undo: db.prepare('ROLLBACK TO one'),
  commit: db.prepare('COMMIT'),
  foreignVersion: db.prepare('PRAGMA data_version').pluck(),
});
