/** Who calls: `stdio:<uid>`, `cli:<uid>` or `token:<name>`; a person at a terminal only for `cli`. */
export interface Principal {
  id: string;
  kind: 'stdio' | 'cli' | 'token';
  /** Name and version that the MCP client gave of itself; not authenticated. */
  client?: { name: string; version: string };
}
