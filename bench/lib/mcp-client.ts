import { Client } from 'sdk-v1-32/client/index.js';
import { StdioClientTransport } from 'sdk-v1-32/client/stdio.js';
import { ListToolsResultSchema } from 'sdk-v1-32/types.js';

export interface ToolResult {
  isError?: boolean;
  structuredContent?: Record<string, unknown>;
  content?: { type: string; text?: string }[];
}

export interface McpChild {
  pid: number;
  call(name: string, args: Record<string, unknown>): Promise<ToolResult>;
  listTools(): Promise<number>;
  close(): Promise<void>;
}

/** Starts a stdio MCP server as a client would, with the v1 SDK that most clients embed. */
export async function startMcp(
  command: string,
  args: string[],
  env: Record<string, string>,
): Promise<McpChild> {
  const transport = new StdioClientTransport({
    command,
    args,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stderr: 'ignore',
  });
  const client = new Client({ name: 'bench', version: '1.0.0' });
  await client.connect(transport);
  return {
    pid: transport.pid ?? 0,
    call: async (name, callArgs) =>
      (await client.callTool({ name, arguments: callArgs }, undefined, { timeout: 600_000 })) as ToolResult,
    // `client.listTools` would add the time in which this client compiles a validator for every tool.
    listTools: async () =>
      (await client.request({ method: 'tools/list' }, ListToolsResultSchema)).tools.length,
    close: () => client.close(),
  };
}

export function textOf(result: ToolResult): string {
  return (result.content ?? []).map((block) => block.text ?? '').join('\n');
}
