import { join } from 'node:path';
import type { Client } from './client.ts';
import { authorization, startFields } from './connection.ts';

/** `httpUrl` is Streamable HTTP; `url` would be the older SSE transport. Server names must not hold underscores. */
export const gemini: Client = {
  id: 'gemini',
  title: 'Gemini CLI',
  section: 'mcpServers',
  file: ({ home }) => join(home, '.gemini', 'settings.json'),
  entry: (connection) =>
    connection.transport === 'stdio'
      ? startFields(connection)
      : { httpUrl: connection.url, headers: authorization(connection.token) },
};
