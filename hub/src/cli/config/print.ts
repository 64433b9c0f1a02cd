import { resolve } from 'node:path';
import { prepareDataDir } from '@flotilla/core/config';
import { httpToken, type ProcessBase } from '@flotilla/runtime';
import { type Command, Option } from 'commander';
import { CLIENTS, type Client, type Connection, documentFor, SERVER_NAME } from '../../snippets/index.ts';
import type { Cli } from '../cli.ts';
import { configuredUrl, httpConnection, stdioConnection } from '../connections.ts';
import { action, define } from '../define.ts';
import { installEntry } from './install.ts';

interface PrintOptions {
  client: string;
  http?: boolean;
  url?: string;
  install?: boolean;
  yes?: boolean;
  file?: string;
}

async function connection(cli: Cli, base: ProcessBase, options: PrintOptions): Promise<Connection> {
  if (!options.http) return stdioConnection(cli.world, base);
  const { config } = base;
  await prepareDataDir(config.dataDir);
  const token = config.http.token ?? (await httpToken(config.dataDir));
  return httpConnection(cli.world, options.url ?? configuredUrl(base), token);
}

function show(cli: Cli, client: Client, file: string, how: Connection): void {
  const { terminal } = cli;
  const command = client.command?.(SERVER_NAME, how);
  if (command) {
    terminal.note(terminal.noteColor.dim(`${client.title}: run this, or merge the JSON below into ${file}`));
    terminal.print(command);
    terminal.print('');
  } else terminal.note(terminal.noteColor.dim(`${client.title}: merge this into ${file}, then restart it`));
  terminal.print(JSON.stringify(documentFor(client, SERVER_NAME, how), undefined, 2));
}

export function configPrintCommand(parent: Command, cli: Cli): void {
  const names = CLIENTS.map(({ id }) => id);
  define(parent, {
    usage: 'print',
    summary: "Print what connects an assistant, or write it into the assistant's own config",
    description:
      'Prints the exact snippet for one client; --install shows what it would change in the file of the client, asks, ' +
      'and writes it, keeping a backup and every other entry. The HTTP form holds the bearer token of the data folder.',
    examples: [
      'config print --client claude-code',
      'config print --client vscode --http',
      'config print --client cursor --install',
    ],
  })
    .addOption(new Option('--client <name>', 'who to connect').choices(names).makeOptionMandatory())
    .option('--http', 'connect to a hub that serves HTTP, instead of starting one over stdio')
    .option('--url <url>', 'with --http: where that hub is; default the address of the config')
    .option('--install', 'write it into the config file of the client')
    .option('--file <path>', 'with --install: another file than the usual one')
    .option('--yes', 'with --install: do not ask')
    .action(
      action<PrintOptions>(cli, async (options) => {
        const client = CLIENTS.find(({ id }) => id === options.client) as Client;
        const base = await cli.base();
        const { world, terminal } = cli;
        const places = { platform: world.platform, home: base.identity.homedir, env: world.env };
        const file = options.file ? resolve(world.cwd, options.file) : client.file(places);
        const how = await connection(cli, base, options);
        if (options.install) return installEntry(cli, { client, file, entry: client.entry(how) }, options);
        if (options.json) terminal.json(documentFor(client, SERVER_NAME, how));
        else show(cli, client, file, how);
        return 0;
      }),
    );
}
