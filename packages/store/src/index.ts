export type { Sql } from './sql.ts';
export { StateStore, type StateStoreOptions } from './state-store.ts';
export { storageError } from './storage-errors.ts';
