export const OVERLAP = ['skip', 'queue', 'replace', 'allow'] as const;
export type Overlap = (typeof OVERLAP)[number];

/** More wait for an earlier one never. */
export const MAX_QUEUED = 20;

export interface OpenFirings {
  /** Under way: their calls have begun. */
  started: number;
  /** Waiting for an earlier one. */
  queued: number;
}

export type Turn = 'start' | 'queue' | 'replace' | { skip: string };

/** What a firing does that finds earlier ones open. Pure. `late`: it makes up for a missed one and waits its turn. */
export function turnOf({ started, queued }: OpenFirings, overlap: Overlap, late: boolean): Turn {
  if (overlap === 'allow' || started + queued === 0) return 'start';
  if (overlap === 'replace' && !late) return 'replace';
  if (overlap !== 'queue' && !late) return { skip: 'the one before it was not finished' };
  return queued < MAX_QUEUED ? 'queue' : { skip: `${MAX_QUEUED} were waiting for the one before` };
}
