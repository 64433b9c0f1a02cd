/** What a tool call answers with, before the protocol. Content blocks of forwarded servers pass unchanged. */
export interface ToolAnswer {
  structuredContent?: unknown;
  content: readonly ContentBlock[];
  isError?: boolean;
  /** Fields of a forwarded result that we do not know. */
  extra?: Record<string, unknown>;
}

export type ContentBlock = { type: 'text'; text: string } | { type: string; [field: string]: unknown };

/** A tool as it is listed to clients. */
export interface PublishedTool {
  name: string;
  title?: string;
  description?: string;
  inputSchema: Record<string, unknown>;
  outputSchema?: Record<string, unknown>;
  annotations?: Record<string, unknown>;
  [field: string]: unknown;
}
