import { z } from 'zod';

/** One line of system_diagnostics. */
export const Finding = z.object({
  area: z.string(),
  status: z.enum(['ok', 'warn', 'fail']),
  finding: z.string(),
  remedy: z.string().optional().describe('What to do about it'),
  facts: z.record(z.string(), z.unknown()).optional(),
});
export type Finding = z.output<typeof Finding>;

/** Looks at one part of the system. What it throws becomes a finding with status fail. */
export interface Probe {
  area: string;
  look(): Promise<readonly Omit<Finding, 'area'>[]> | readonly Omit<Finding, 'area'>[];
}
