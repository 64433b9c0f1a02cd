import { FlotillaError } from '@flotilla/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { run as serveStdio } from './stdio.ts';

interface ServeOptions {
  stdio?: boolean;
  http?: boolean;
  host?: string;
  port?: string;
  banner?: boolean;
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new FlotillaError('INVALID_INPUT', `--port ${text} is no port.`, {
    hint: 'Give 0 to 65535; 0 takes a free one.',
  });
}

export function serveCommand(program: Command, cli: Cli): void {
  define(program, {
    usage: 'serve',
    summary: 'Serve the hub to assistants, over stdio or HTTP',
    description:
      'Serves every mounted tool. Over stdio, for clients that start it, nothing but the protocol is on stdout and the end of ' +
      'stdin ends it. Over HTTP every request needs the bearer token of the data folder. Without a choice: HTTP on a ' +
      'terminal, stdio otherwise.',
    examples: ['serve --stdio', 'serve --http --port 7700'],
  })
    .option('--stdio', 'MCP on stdin and stdout')
    .option('--http', 'MCP over Streamable HTTP')
    .option('--host <address>', 'address to listen on, default 127.0.0.1')
    .option('--port <number>', 'port to listen on, 0 for a free one')
    .option('--banner', 'print endpoint, snippets for clients and first steps; the default on a terminal')
    .action(
      action<ServeOptions>(cli, async ({ stdio, http, host, port, banner, json }) => {
        if (stdio && http) throw new FlotillaError('INVALID_INPUT', 'Choose one of --stdio and --http.');
        const onTerminal = cli.world.stdin.isTTY === true;
        if (stdio || (!http && !onTerminal)) return serveStdio(cli.world);
        const { serveHttp } = await import('./http.ts');
        return serveHttp(cli, {
          host,
          port: portOf(port),
          json: json === true,
          banner: banner ?? cli.world.stdout.isTTY === true,
        });
      }),
    );
}
