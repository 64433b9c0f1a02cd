import type { HostEntry } from '@flotilla/inventory';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { table } from '../terminal/table.ts';
import { ago } from '../terminal/time.ts';

interface ListOptions {
  group?: string;
  env?: string;
  tag?: string;
}

export function hostListCommand(parent: Command, cli: Cli): void {
  const { terminal } = cli;
  define(parent, {
    usage: 'list [text]',
    summary: 'List the registered hosts',
    examples: ['host list', 'host list --group web', 'host list 10.0.0'],
  })
    .option('--group <name>', 'only members of this group')
    .option('--env <name>', 'only this environment')
    .option('--tag <name>', 'only hosts with this tag')
    .action(
      action<ListOptions>(cli, async ({ json, verbose, group, env, tag }, text?: string) =>
        cli.withHub({ verbose: verbose === true }, async (hub) => {
          const hosts = hub.runtime.services.inventory.list({ group, env, tag, text });
          if (json) terminal.json(hosts);
          else if (hosts.length > 0) terminal.print(listing(cli, hosts));
          else terminal.note('No host. Add one: flotilla host add web1 deploy@203.0.113.7');
          return EXIT.ok;
        }),
      ),
    );
}

function listing({ terminal }: Cli, hosts: readonly HostEntry[]): string {
  const { color, columns } = terminal;
  const flags = (host: HostEntry): string =>
    [host.protected && 'protected', host.readonly && 'readonly', host.transport === 'local' && 'local']
      .filter(Boolean)
      .join(' ');
  return table<HostEntry>(
    [
      { title: 'alias', value: ({ alias }) => alias, style: color.cyan },
      {
        title: 'address',
        value: ({ user, host, port }) => `${user}@${host}${port === 22 ? '' : `:${port}`}`,
        flexible: true,
      },
      { title: 'via', value: ({ jump }) => jump },
      { title: 'groups', value: ({ groups }) => groups.join(','), flexible: true },
      { title: 'env', value: ({ env }) => env },
      { title: 'tags', value: ({ tags }) => tags.join(','), flexible: true },
      { title: 'seen', value: ({ lastSeen }) => ago(lastSeen) ?? 'never' },
      { title: 'flags', value: flags, style: color.yellow },
    ],
    hosts,
    { columns, heading: color.dim },
  );
}
