import type { SchemaPart } from '@flotilla/core';
import { alertTables } from './lib/alerts/alert-schema.ts';
import { apiTables } from './lib/api/tables.ts';
import { checkTables } from './lib/checks/tables.ts';
import { digestTables } from './lib/logs/digest-schema.ts';

/** The tables of this server in the state file. Append only: what has landed is never edited. */
export const monitoringSchema: SchemaPart = {
  name: 'monitoring',
  migrations: [digestTables, apiTables, alertTables, checkTables],
};
