import { join } from 'node:path';
import type { Client } from './client.ts';
import { authorization, startFields } from './connection.ts';
import { userConfig } from './places.ts';

/** The user's `mcp.json`; a workspace's `.vscode/mcp.json` has the same shape. `type` is required. */
export const vscode: Client = {
  id: 'vscode',
  title: 'VS Code',
  section: 'servers',
  file: (places) => join(userConfig(places), 'Code', 'User', 'mcp.json'),
  entry: (connection) =>
    connection.transport === 'stdio'
      ? { type: 'stdio', ...startFields(connection) }
      : { type: 'http', url: connection.url, headers: authorization(connection.token) },
};
