import type { HubCall } from './hub-call.ts';
import type { Progress } from './ports/steps.ts';
import type { Principal } from './principal.ts';
import type { PublishedTool, ToolAnswer } from './tool/answer.ts';

export interface IncomingCall {
  name: string;
  args: unknown;
  principal: Principal;
  signal: AbortSignal;
  /** Present when the client asked for progress. */
  onProgress?: (update: Progress) => void;
  /** `_meta` of the request without hop-by-hop fields. */
  meta?: Record<string, unknown>;
  /** A call that the hub which started this process has admitted and audited already; its signature was checked. */
  hub?: HubCall;
}

/**
 * What a front door (stdio, HTTP, the CLI) serves: the hub or one server alone. Protocol-neutral.
 * `callTool` throws FlotillaError only for an unknown tool (NOT_FOUND); every other failure is an answer.
 */
export interface ToolEndpoint {
  readonly info: { name: string; version: string; title: string; instructions: string };
  listTools(principal: Principal): readonly PublishedTool[];
  callTool(call: IncomingCall): Promise<ToolAnswer>;
  /** Calls back whenever the list may have changed; returns the unsubscriber. */
  onToolsChanged(listener: () => void): () => void;
}
