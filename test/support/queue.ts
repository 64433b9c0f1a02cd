/** Environment by which hubs of a file find their queue; empty: in their state file. */
export const queueEnv: Record<string, string> = {};
