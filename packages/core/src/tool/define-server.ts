import type { AnyTool } from './define-tool.ts';

/** A domain server: the hub mounts it in-process, or it runs alone. */
export interface ServerDefinition {
  /** Lane and mount name: [a-z0-9-], e.g. `ssh-exec`. */
  name: string;
  title: string;
  /** For the model: what this server is for and how its tools work together; at most 2 KB. */
  instructions: string;
  tools: readonly AnyTool[];
}

export function defineServer(server: ServerDefinition): ServerDefinition {
  return server;
}
