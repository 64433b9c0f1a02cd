import type { Command } from 'commander';
import { audited } from '../audited.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { EXIT } from '../terminal/exit-codes.ts';

export function tokenRevokeCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'revoke <name>',
    summary: 'End a token: its workers are refused at once, and others take their runs',
    examples: ['worker token revoke office'],
  }).action(
    action(cli, async ({ json, verbose }, name = '') =>
      cli.withHub({ withoutSettings: true, verbose: verbose === true }, async (hub, base) => {
        const { sideOf } = await import('./side.ts');
        const { tokens } = await sideOf(hub, base);
        const entry = {
          tool: 'worker_token_revoke',
          effect: 'destroy' as const,
          aliases: [],
          args: { name },
        };
        await audited(hub, base, entry, () => tokens.revoke(name));
        if (json) cli.terminal.json({ name, revoked: true });
        else cli.terminal.note(`${name} is revoked.`);
        return EXIT.ok;
      }),
    ),
  );
}
