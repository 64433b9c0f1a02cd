import type { z } from 'zod';
import type { SchemaPart } from '../ports/state.ts';
import type { AnyTool } from './define-tool.ts';
import type { BackgroundWork, HttpHook, HttpPage } from './service.ts';

/** A domain server: the hub mounts it in-process, or it runs alone. */
export interface ServerDefinition {
  /** Lane and mount name: [a-z0-9-], e.g. `ssh-exec`. */
  name: string;
  title: string;
  /** For the model: what this server is for and how its tools work together; at most 2 KB. */
  instructions: string;
  tools: readonly AnyTool[];
  /** Its tables in the state file. */
  schema?: SchemaPart;
  /** What `servers.<name>` of the config may hold; unknown keys are an error. */
  config?: z.ZodObject;
  background?: readonly BackgroundWork[];
  pages?: readonly HttpPage[];
  hooks?: readonly HttpHook[];
}

export function defineServer(server: ServerDefinition): ServerDefinition {
  return server;
}
