import { FlotillaError } from '@flotilla/core';
import type { FlotillaConfig } from '@flotilla/core/config';
import type { Command } from 'commander';
import { audited } from '../audited.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { confirm } from '../terminal/ask.ts';
import { EXIT } from '../terminal/exit-codes.ts';

const isNamed = ({ mounts, http, servers }: FlotillaConfig, name: string): boolean =>
  JSON.stringify({ mounts, http, servers }).includes(`\${vault:${name}}`);

export function secretRemoveCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'remove <name>',
    summary: 'Forget a secret',
    examples: ['secret remove farm-token'],
  })
    .alias('rm')
    .option('--yes', 'do not ask')
    .action(
      action<{ yes?: boolean }>(cli, async ({ json, verbose, yes }, name = '') =>
        cli.withHub({ withoutSettings: true, verbose: verbose === true }, async (hub, base) => {
          const { secrets } = hub.runtime.services;
          secrets.get(name);
          if (isNamed((await cli.base()).config, name))
            cli.terminal.note(`The config names it: what uses \${vault:${name}} will not start any more.`);
          if (!(await confirm(cli, `Remove ${name}?`, yes))) return EXIT.failed;
          const entry = { tool: 'secret_remove', effect: 'destroy' as const, aliases: [], args: { name } };
          const removed = await audited(hub, base, entry, () => secrets.remove(name));
          if (!removed) throw new FlotillaError('NOT_FOUND', `${name} had been removed meanwhile.`);
          if (json) cli.terminal.json({ name, removed });
          else cli.terminal.note(`${name} is removed.`);
          return EXIT.ok;
        }),
      ),
    );
}
