import { FlotillaError } from '@flotilla/core';
import type { Command } from 'commander';
import { audited } from '../audited.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { askSecret } from '../terminal/ask.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { secretFromStdin } from '../terminal/secret-input.ts';

export function secretSetCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'set <name>',
    summary: 'Store a secret, or replace it',
    description:
      'Asks for the value on a terminal, where what is typed is not shown; reads it from standard input otherwise. ' +
      'Never an argument: every user of this machine could read it.',
    examples: ['secret set farm-token', 'secret set farm-token < token.txt'],
  }).action(
    action(cli, async ({ json, verbose }, name = '') =>
      cli.withHub({ withoutSettings: true, verbose: verbose === true }, async (hub, base) => {
        const { secrets } = hub.runtime.services;
        const value = cli.terminal.interactive
          ? await askSecret(cli, `Value of ${name}:`)
          : await secretFromStdin(cli, `Pipe the secret in: flotilla secret set ${name} < file`);
        if (value === '') throw new FlotillaError('INVALID_INPUT', 'An empty value is no secret.');
        const replaced = secrets.list().some((one) => one.name === name);
        const entry = { tool: 'secret_set', effect: 'write' as const, aliases: [], args: { name } };
        await audited(hub, base, entry, () => secrets.set(name, value));
        if (json) cli.terminal.json({ name, replaced });
        else
          cli.terminal.note(
            `${name} is ${replaced ? 'replaced' : 'stored'}. In the config it is \${vault:${name}}; what runs takes it at its next start.`,
          );
        return EXIT.ok;
      }),
    ),
  );
}
