import { z } from 'zod';
import { bounded, isoTime } from '../host/numbers.ts';
import type { Section } from '../host/sections.ts';

/** One process of one PM2. Its environment is never read: it holds secrets. */
export interface Pm2App {
  id: number;
  name: string;
  status: string;
  pid: number;
  restarts: number;
  unstableRestarts: number;
  owner: string;
  home: string;
  since?: string | undefined;
  memoryBytes?: number | undefined;
  cpuPercent?: number | undefined;
  outLog?: string | undefined;
  errorLog?: string | undefined;
}

export interface Pm2Home {
  owner: string;
  home: string;
  /** The daemon's own answer; otherwise what the files say. */
  source: 'daemon' | 'files';
  apps: Pm2App[];
  /** File names in its folder of logs. */
  logs: string[];
}

const Process = z.object({
  pid: z.number().optional(),
  pm_id: z.number(),
  name: z.string(),
  monit: z.object({ memory: z.number().optional(), cpu: z.number().optional() }).optional(),
  pm2_env: z.object({
    status: z.string().default('unknown'),
    restart_time: z.number().optional(),
    unstable_restarts: z.number().optional(),
    pm_uptime: z.number().optional(),
    pm_out_log_path: z.string().optional(),
    pm_err_log_path: z.string().optional(),
  }),
});

const MAX_APPS = 500;

export function parsePm2(sections: readonly Section[]): Pm2Home[] {
  const homes: Pm2Home[] = [];
  let pids = '';
  for (const section of sections) {
    const last = homes.at(-1);
    if (section.name === 'pm2-home') {
      const [owner = '?', ...rest] = section.label.split(' ');
      homes.push({ owner, home: rest.join(' '), source: 'files', apps: [], logs: [] });
      pids = '';
    } else if (!last) continue;
    else if (section.name === 'pm2-list') fromDaemon(last, section.text);
    else if (section.name === 'pm2-pids') pids = section.text;
    else if (section.name === 'pm2-logs') {
      last.logs = section.text.split('\n').filter((name) => name !== '');
      if (last.source === 'files') last.apps = fromFiles(last, pids);
    }
  }
  return homes;
}

/** PM2 may print notices before the list, each on lines of its own. */
function fromDaemon(home: Pm2Home, text: string): void {
  for (const line of text.split('\n')) {
    if (!line.startsWith('[{') && line !== '[]') continue;
    try {
      const list: unknown = JSON.parse(line);
      if (!Array.isArray(list)) continue;
      home.source = 'daemon';
      home.apps = list.slice(0, MAX_APPS).flatMap((entry) => {
        const parsed = Process.safeParse(entry);
        return parsed.success ? [appOf(parsed.data, home)] : [];
      });
      return;
    } catch {}
  }
}

function appOf(process: z.infer<typeof Process>, { owner, home }: Pm2Home): Pm2App {
  const env = process.pm2_env;
  return {
    id: process.pm_id,
    name: process.name,
    status: env.status,
    pid: process.pid ?? 0,
    restarts: bounded(env.restart_time, 0, 1e9) ?? 0,
    unstableRestarts: bounded(env.unstable_restarts, 0, 1e9) ?? 0,
    owner,
    home,
    since: isoTime(env.pm_uptime),
    memoryBytes: bounded(process.monit?.memory),
    cpuPercent: bounded(process.monit?.cpu, 0, 1e5),
    outLog: env.pm_out_log_path,
    errorLog: env.pm_err_log_path,
  };
}

/** From `pids/NAME-ID.pid`, and `logs/NAME-out.log` of apps that run no more. */
function fromFiles(home: Pm2Home, pids: string): Pm2App[] {
  const apps = new Map<string, Pm2App>();
  const add = (name: string, id: number, pid: number, status: string): void => {
    if (apps.has(name) || apps.size >= MAX_APPS) return;
    const log = (kind: string): string | undefined => {
      const found = home.logs.find((file) => logOwner(file) === name && file.includes(`-${kind}`));
      return found === undefined ? undefined : `${home.home}/logs/${found}`;
    };
    const base = { id, name, status, pid, restarts: 0, unstableRestarts: 0 };
    apps.set(name, {
      ...base,
      owner: home.owner,
      home: home.home,
      outLog: log('out'),
      errorLog: log('error'),
    });
  };
  for (const line of pids.split('\n')) {
    const [, pid, alive, name, id] = /^(\d{1,10}) ([01]) (.+)-(\d{1,6})\.pid$/.exec(line) ?? [];
    if (name !== undefined) add(name, Number(id), Number(pid), alive === '1' ? 'online' : 'stopped');
  }
  for (const file of home.logs) {
    const name = logOwner(file);
    if (name !== undefined) add(name, -1, 0, 'unknown');
  }
  return [...apps.values()];
}

const logOwner = (file: string): string | undefined => /^(.+)-(?:out|error)(?:-\d+)?\.log$/.exec(file)?.[1];
