import { join } from 'node:path';
import type { Client } from './client.ts';
import { startFields } from './connection.ts';
import { userConfig } from './places.ts';

/** Its file starts programs only; a URL there is ignored, so the HTTP form starts our bridge. */
export const claudeDesktop: Client = {
  id: 'claude-desktop',
  title: 'Claude Desktop',
  section: 'mcpServers',
  file: (places) => join(userConfig(places), 'Claude', 'claude_desktop_config.json'),
  entry: (connection) => startFields(connection.transport === 'stdio' ? connection : connection.bridge),
};
