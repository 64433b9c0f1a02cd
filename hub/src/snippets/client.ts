import type { Connection } from './connection.ts';

/** The user's machine, as far as it decides where clients keep their files. */
export interface Places {
  platform: NodeJS.Platform;
  home: string;
  env: Readonly<Record<string, string | undefined>>;
}

/** One MCP client: how its config names the hub, and where that config lies. */
export interface Client {
  id: string;
  title: string;
  /** Top-level key of the file that holds the servers. */
  section: 'mcpServers' | 'servers';
  /** The user's own config file, absolute. */
  file(places: Places): string;
  /** The value under the server's name. */
  entry(connection: Connection): Record<string, unknown>;
  /** A command of the client that does the same, ready to paste into a POSIX shell. */
  command?(name: string, connection: Connection): string;
}

/** The whole file for a client that knows no other server. */
export const documentFor = (
  client: Client,
  name: string,
  connection: Connection,
): Record<string, Record<string, unknown>> => ({ [client.section]: { [name]: client.entry(connection) } });
