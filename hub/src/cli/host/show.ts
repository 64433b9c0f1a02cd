import { visibleControls } from '@flotilla/core';
import type { HostEntry } from '@flotilla/inventory';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { ago } from '../terminal/time.ts';
import { fingerprints } from './reach.ts';

export function hostShowCommand(parent: Command, cli: Cli): void {
  const { terminal } = cli;
  define(parent, {
    usage: 'show <alias>',
    summary: 'Show everything known of a host, but its secrets',
    examples: ['host show web1'],
  }).action(
    action(cli, async ({ json, verbose }, alias = '') =>
      cli.withHub({ verbose: verbose === true }, async (hub) => {
        const host = hub.runtime.services.inventory.get(alias);
        if (json) terminal.json(host);
        else
          for (const [name, value] of facts(host))
            terminal.print(`${terminal.color.dim(name.padEnd(12))} ${value}`);
        return EXIT.ok;
      }),
    ),
  );
}

function facts(host: HostEntry): [string, string][] {
  const rows: [string, string | undefined][] = [
    ['alias', host.alias],
    ['address', `${host.user}@${host.host}:${host.port}`],
    ['transport', host.transport === 'local' ? 'local' : undefined],
    ['key', host.keyPath],
    ['agent', host.agent === undefined ? undefined : String(host.agent)],
    ['stored', host.secrets.join(', ')],
    ['via', host.jump],
    ['host key', fingerprints(host)],
    ['sudo', host.sudo],
    ['groups', host.groups.join(', ')],
    ['env', host.env],
    ['tags', host.tags.join(', ')],
    ['guards', [host.protected && 'protected', host.readonly && 'readonly'].filter(Boolean).join(', ')],
    ['last seen', ago(host.lastSeen) ?? 'never'],
    ...Object.entries(host.facts ?? {}).map(([name, value]): [string, string] => [
      name,
      visibleControls(
        typeof value === 'string' ? value : Array.isArray(value) ? value.join(', ') : JSON.stringify(value),
      ),
    ]),
  ];
  return rows.filter((row): row is [string, string] => row[1] !== undefined && row[1] !== '');
}
