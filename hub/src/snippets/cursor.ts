import { join } from 'node:path';
import type { Client } from './client.ts';
import { authorization, startFields } from './connection.ts';

export const cursor: Client = {
  id: 'cursor',
  title: 'Cursor',
  section: 'mcpServers',
  file: ({ home }) => join(home, '.cursor', 'mcp.json'),
  entry: (connection) =>
    connection.transport === 'stdio'
      ? startFields(connection)
      : { url: connection.url, headers: authorization(connection.token) },
};
