import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { EXIT } from '../terminal/exit-codes.ts';

export function auditHeadCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'head',
    summary: 'Print the newest entry of the chain, to keep elsewhere',
    description:
      'Prints number and hash of the newest row. Kept on another machine, it shows later (audit verify --known) that nothing before ' +
      'it was rewritten.',
    examples: ['audit head > head.txt'],
  }).action(
    action(cli, async ({ json, verbose }) =>
      cli.withHub({ verbose: verbose === true }, async (hub) => {
        const { audit } = hub.runtime.services;
        await audit.flush();
        const head = audit.head();
        if (json) cli.terminal.json(head);
        else cli.terminal.print(`${head.seq}:${head.hash}`);
        return EXIT.ok;
      }),
    ),
  );
}
