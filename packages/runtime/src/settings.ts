import type { ToolSettings } from '@flotilla/core';
import type { FlotillaConfig } from '@flotilla/core/config';

/** The part of the config that tools may know. */
export const toolSettings = (config: FlotillaConfig): ToolSettings => ({
  commandTimeoutMs: config.jobs.commandTimeoutMs,
  interactiveTimeoutMs: config.jobs.interactiveTimeoutMs,
  maxWaitMs: config.jobs.maxWaitMs,
  localRoots: config.localRoots,
  dataDir: config.dataDir,
  readonly: config.policy.readonly,
});
