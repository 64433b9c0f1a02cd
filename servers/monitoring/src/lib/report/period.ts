const DAY_MS = 86_400_000;

export interface Period {
  from: number;
  to: number;
  days: number;
}

/** The last day or the last seven, up to now. */
export const periodOf = (kind: 'daily' | 'weekly', now: number): Period => {
  const days = kind === 'daily' ? 1 : 7;
  return { from: now - days * DAY_MS, to: now, days };
};
