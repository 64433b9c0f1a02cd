import type { Finding, Probe } from './finding.ts';

/** A line that is always ok: versions, limits, which program runs. */
export function factProbe(area: string, facts: () => Record<string, string | number | boolean>): Probe {
  return {
    area,
    look: (): Omit<Finding, 'area'>[] => {
      const known = facts();
      const finding = Object.entries(known)
        .map(([name, value]) => `${name} ${value}`)
        .join(', ');
      return [{ status: 'ok', finding, facts: known }];
    },
  };
}
