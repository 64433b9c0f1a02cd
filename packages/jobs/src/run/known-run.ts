import type { Principal } from '@flotilla/core';

/** What an executor has to know of a run before it begins. */
export interface KnownRun {
  lane: string;
  tool: string;
  args: Record<string, unknown>;
  principal: Principal;
  /** Aliases and target words of the call. */
  aliases: readonly string[];
}
