import type { Principal } from '@flotilla/core';
import type { Inventory } from '@flotilla/inventory';
import type { RunsEngine } from '@flotilla/jobs';
import type { HostLinks } from '@flotilla/ssh';

export interface HostToolsDeps {
  inventory: Inventory;
  links: Pick<HostLinks, 'stats' | 'drop'>;
  engine: Pick<RunsEngine, 'list'>;
  /** Home folder and login name of the person on the hub's machine. */
  homedir: string;
  localUser: string;
  now?: () => number;
}

/** A person at a terminal: only they may set what security depends on. */
export const isPerson = (principal: Principal): boolean => principal.kind === 'cli';
