import { z } from 'zod';

export const ServiceRow = z.object({
  kind: z.enum(['systemd', 'docker', 'pm2']),
  name: z.string(),
  status: z.string(),
  health: z.enum(['failed', 'restarting', 'unhealthy', 'ok', 'inactive']),
  description: z.string().optional(),
  result: z.string().optional().describe('Why it failed, in words of systemd'),
  exitCode: z.number().int().optional(),
  signal: z.number().int().optional(),
  restarts: z.number().int().optional(),
  since: z.string().optional(),
  enabled: z.string().optional(),
  image: z.string().optional(),
  owner: z.string().optional().describe('User whose PM2 or systemd manager runs it; none: the system'),
  memoryBytes: z.number().optional(),
  cpuPercent: z.number().optional(),
  lastLines: z.array(z.string()).optional().describe('Its last log lines, when it failed'),
});
export type ServiceRow = z.infer<typeof ServiceRow>;

export const TimerRow = z.object({
  name: z.string(),
  runs: z.string().describe('Unit that it starts'),
  owner: z.string().optional().describe('User whose systemd manager has it'),
  active: z.boolean(),
  failed: z.boolean().describe('Its last run failed'),
  last: z.string().optional(),
  next: z.string().optional(),
});
export type TimerRow = z.infer<typeof TimerRow>;

const RANK: Record<ServiceRow['health'], number> = {
  failed: 0,
  restarting: 1,
  unhealthy: 2,
  ok: 3,
  inactive: 4,
};

export const isProblem = ({ health }: Pick<ServiceRow, 'health'>): boolean => RANK[health] < 3;

/** Worst first, then by name. */
export const bySeverity = (a: ServiceRow, b: ServiceRow): number =>
  RANK[a.health] - RANK[b.health] || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
