import { join } from 'node:path';
import type { Client } from './client.ts';
import { authorization, startFields } from './connection.ts';
import { shellLine } from './shell-words.ts';

/**
 * Entries are valid in `~/.claude.json` (user) and in a project's `.mcp.json`. Of the command, `--env` and
 * `--header` take several values: what follows them has to be another option or the end.
 */
export const claudeCode: Client = {
  id: 'claude-code',
  title: 'Claude Code',
  section: 'mcpServers',
  file: ({ home, env }) => join(env['CLAUDE_CONFIG_DIR'] || home, '.claude.json'),
  entry: (connection) =>
    connection.transport === 'stdio'
      ? { type: 'stdio', ...startFields(connection) }
      : { type: 'http', url: connection.url, headers: authorization(connection.token) },
  command: (name, connection) => {
    const add = ['claude', 'mcp', 'add', '--scope', 'user'];
    if (connection.transport === 'http') {
      const headers = Object.entries(authorization(connection.token)).map(
        ([key, value]) => `${key}: ${value}`,
      );
      return shellLine([...add, '--transport', 'http', name, connection.url, '--header', ...headers]);
    }
    const env = Object.entries(connection.env).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
    const start = ['--', connection.command, ...connection.args];
    return shellLine([...add, ...env, '--transport', 'stdio', name, ...start]);
  },
};
