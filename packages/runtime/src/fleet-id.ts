import { randomBytes } from 'node:crypto';
import type { StateStore } from '@flotilla/store';

const NAME = 'fleet-id';

/** Made once per state file; every process gets the same. */
export async function fleetId(store: StateStore): Promise<string> {
  const known = store.read((sql) =>
    sql.get<{ value: string }>('SELECT value FROM job_meta WHERE name = ?', [NAME]),
  );
  if (known) return known.value;
  return store.write((sql) => {
    const fresh = randomBytes(9).toString('base64url');
    sql.run('INSERT OR IGNORE INTO job_meta (name, value) VALUES (?, ?)', [NAME, fresh]);
    return sql.get<{ value: string }>('SELECT value FROM job_meta WHERE name = ?', [NAME])?.value ?? fresh;
  });
}
