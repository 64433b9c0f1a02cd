import { present } from '../host/numbers.ts';
import { hostWord } from '../host/words.ts';
import type { ServiceRow } from '../services/rows.ts';
import type { Pm2App, Pm2Home } from './pm2-apps.ts';

const HEALTH: Record<string, ServiceRow['health']> = {
  online: 'ok',
  launching: 'ok',
  stopping: 'inactive',
  stopped: 'inactive',
  errored: 'failed',
  'waiting restart': 'restarting',
};

export const pm2Rows = (homes: readonly Pm2Home[]): ServiceRow[] =>
  homes.flatMap(({ apps }) => apps.map(rowOf));

function rowOf(app: Pm2App): ServiceRow {
  const unstable = app.unstableRestarts > 2 && app.status === 'online';
  return {
    kind: 'pm2',
    name: hostWord(app.name),
    status: hostWord(app.status, 40),
    health: unstable ? 'restarting' : (HEALTH[app.status] ?? 'inactive'),
    owner: hostWord(app.owner, 40),
    ...(app.restarts > 0 && { restarts: app.restarts }),
    ...present({ since: app.since, memoryBytes: app.memoryBytes, cpuPercent: app.cpuPercent }),
  };
}
