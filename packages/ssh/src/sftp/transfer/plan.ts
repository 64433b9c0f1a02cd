import type { FlotillaError } from '@flotilla/core';

/** One thing to transfer. `relative` is a latin1 byte path below the source's root; `target` one below the target's. */
export interface PlannedFile {
  relative: string;
  target: string;
  size: number;
  /** Whole seconds. */
  mtime: number;
  mode: number;
}

export interface PlannedFolder {
  relative: string;
  target: string;
  mode: number;
  mtime: number;
}

export interface PlannedLink {
  relative: string;
  target: string;
  /** What the symlink says, as bytes in latin1; never followed. */
  content: string;
}

export interface PlanFault {
  relative: string;
  error: FlotillaError;
}

/** What one source holds, in an order in which folders come before what is in them. */
export interface Plan {
  files: PlannedFile[];
  folders: PlannedFolder[];
  links: PlannedLink[];
  faults: PlanFault[];
}

export const emptyPlan = (): Plan => ({ files: [], folders: [], links: [], faults: [] });
