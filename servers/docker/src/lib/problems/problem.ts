import { z } from 'zod';

export const Problem = z.object({
  severity: z.enum(['critical', 'warning', 'info']),
  kind: z.enum([
    'restart_loop',
    'out_of_memory',
    'unhealthy',
    'cannot_start',
    'exited',
    'dead',
    'paused',
    'image_missing',
    'disk_full',
    'large_log',
  ]),
  container: z.string().optional(),
  project: z.string().optional(),
  what: z.string().describe('The finding in our words'),
  evidence: z.array(z.string()).describe('What the host says: last health output, last error lines'),
  next: z.string().describe('What to do or look at'),
});
export type Problem = z.infer<typeof Problem>;

const SEVERITY = ['critical', 'warning', 'info'];
const KIND = Problem.shape.kind.options;

/** The worst first; among equals the kinds that explain others. */
export const byWeight = (a: Problem, b: Problem): number =>
  SEVERITY.indexOf(a.severity) - SEVERITY.indexOf(b.severity) ||
  weight(a.kind) - weight(b.kind) ||
  (a.container ?? '').localeCompare(b.container ?? '');

/** A full disk is the cause of much else. */
const weight = (kind: Problem['kind']): number => (kind === 'disk_full' ? -1 : KIND.indexOf(kind));
