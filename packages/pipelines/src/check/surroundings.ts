import type { Effect, HostView, KnownTool, Target } from '@flotilla/core';

/** What a definition is checked against: reads only. */
export interface Surroundings {
  tool(name: string): KnownTool | undefined;
  toolNames(): readonly string[];
  /** NOT_FOUND. */
  hosts(target: Target): readonly HostView[];
  /** Is there such a secret? */
  secret(name: string): boolean;
}

/** What is known of one call before it is made. */
export interface CheckedCall {
  tool?: KnownTool;
  /** Of these arguments, or the most that the tool can do while some are not known. */
  effect?: Effect;
  /** Hosts of the call, when they are known. */
  hosts?: readonly string[];
}
