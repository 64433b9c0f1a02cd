import { FlotillaError, OPEN_STATES } from '@flotilla/core';
import type { Command } from 'commander';
import { audited } from '../audited.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { confirm } from '../terminal/ask.ts';
import { EXIT } from '../terminal/exit-codes.ts';

export function hostRemoveCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'remove <alias>',
    summary: 'Forget a host, its secrets and its pinned key',
    description: 'Nothing on the host itself is changed. Refused while runs on it are open, unless --force.',
    examples: ['host remove web1', 'host remove web1 --yes'],
  })
    .alias('rm')
    .option('--yes', 'do not ask')
    .option('--force', 'also while runs on it are open')
    .action(
      action<{ yes?: boolean; force?: boolean }>(cli, async ({ json, verbose, yes, force }, alias = '') =>
        cli.withHub({ verbose: verbose === true }, async (hub, base) => {
          const { inventory, engine } = hub.runtime.services;
          const host = inventory.get(alias);
          const open = engine.list({ states: OPEN_STATES, alias, limit: 1 });
          if (open.total > 0 && !force)
            throw new FlotillaError('CONFLICT', `${open.total} runs on ${alias} are open.`, {
              details: { alias, runs: open.runs.map(({ id }) => id) },
              hint: 'Wait for them, cancel them (flotilla task list), or add --force.',
            });
          const loses = [...host.secrets, ...(host.hostKeys.length > 0 ? ['its pinned host key'] : [])];
          cli.terminal.note(
            `${alias} is ${host.user}@${host.host}:${host.port}.${loses.length > 0 ? ` Lost with it: ${loses.join(', ')}.` : ''}`,
          );
          if (!(await confirm(cli, `Remove ${alias}?`, yes))) return EXIT.failed;
          const entry = {
            tool: 'server_remove',
            effect: 'destroy' as const,
            aliases: [alias],
            args: { alias },
          };
          await audited(hub, base, entry, () => inventory.remove(alias, { person: true }));
          if (json) cli.terminal.json({ alias, removed: true });
          else cli.terminal.note(`${alias} is removed.`);
          return EXIT.ok;
        }),
      ),
    );
}
