import { parseArgs } from 'node:util';
import type { ServerDefinition } from '@flotilla/core';

export type ServeArguments =
  | { transport: 'stdio' }
  | { transport: 'http'; host?: string; port?: number }
  | { help: 'usage' | 'version'; problem?: string };

/** Arguments of a server that runs alone. */
export function parseServeArguments(argv: readonly string[]): ServeArguments {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        stdio: { type: 'boolean' },
        http: { type: 'boolean' },
        host: { type: 'string' },
        port: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'v' },
      },
    });
    if (values.help) return { help: 'usage' };
    if (values.version) return { help: 'version' };
    if (!values.http) return { transport: 'stdio' };
    const port = values.port === undefined ? undefined : Number(values.port);
    if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port < 65_536)) {
      return { help: 'usage', problem: `--port ${values.port} is not a port` };
    }
    return {
      transport: 'http',
      ...(values.host && { host: values.host }),
      ...(port !== undefined && { port }),
    };
  } catch (error) {
    return { help: 'usage', problem: error instanceof Error ? error.message : String(error) };
  }
}

export const usage = (
  server: ServerDefinition,
): string => `flotilla-${server.name}: ${server.title}, as an MCP server

  flotilla-${server.name} [--stdio]                        serve on stdin and stdout (default)
  flotilla-${server.name} --http [--host H] [--port P]     serve Streamable HTTP, bearer token required
  flotilla-${server.name} --help | --version

Hosts, secrets and runs live in the data folder: FLOTILLA_DATA_DIR, default ~/.config/flotilla. With
FLOTILLA_HUB_URL it works for that hub instead: it takes its runs of ${server.name}, and with --http its calls.`;
