import { randomBytes } from 'node:crypto';
import type { StateStore } from '@flotilla/store';

/** Names the runs of this state file among those of others, e.g. in a Redis that several use. Made once. */
export const fleetId = (store: StateStore): Promise<string> =>
  store.write((sql) => {
    const made = randomBytes(9).toString('hex');
    sql.run("INSERT OR IGNORE INTO job_meta (name, value) VALUES ('fleet', ?)", [made]);
    return sql.get<{ value: string }>("SELECT value FROM job_meta WHERE name = 'fleet'")?.value ?? made;
  });
