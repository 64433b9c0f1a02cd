import type { Effect, PublishedTool } from '@flotilla/core';

/** What a call may do at most, from the hints that clients see. */
export function effectOfHints(tool: PublishedTool): Effect {
  const hints = (tool.annotations ?? {}) as { readOnlyHint?: boolean; destructiveHint?: boolean };
  if (hints.readOnlyHint) return 'read';
  return hints.destructiveHint ? 'destroy' : 'write';
}
