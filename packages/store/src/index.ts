export type { SchemaPart } from './migrate.ts';
export type { Sql, SqlParams, SqlRow, SqlValue } from './sql.ts';
export { StateStore, type StateStoreOptions } from './state-store.ts';
export { storageError } from './storage-errors.ts';
