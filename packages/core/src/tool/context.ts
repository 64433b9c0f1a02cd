import type { Logger } from '../logging.ts';
import type { Hosts } from '../ports/hosts.ts';
import type { Progress, Steps } from '../ports/steps.ts';
import type { Principal } from '../principal.ts';
import type { Service } from './service.ts';

/** Limits and folders from the config that tools need; never the environment itself. */
export interface ToolSettings {
  commandTimeoutMs: number;
  interactiveTimeoutMs: number;
  maxWaitMs: number;
  /** Absolute folders on the hub's own machine that transfers may read and write. */
  localRoots: readonly string[];
  dataDir: string;
  readonly: boolean;
}

/** What every tool's handler gets. */
export interface ToolContext {
  signal: AbortSignal;
  log: Logger;
  progress(update: Progress): void;
  principal: Principal;
  hosts: Hosts;
  settings: ToolSettings;
  /** A service of this tool's server, opened when first used. */
  use<T>(service: Service<T>): Promise<T>;
}

/** What a job tool's handler gets: it may be replayed from the top, effects go through `step`. */
export interface JobContext extends ToolContext {
  step: Steps;
  runId: string;
}
