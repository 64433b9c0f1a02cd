import { FlotillaError } from '@flotilla/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { EXIT } from '../terminal/exit-codes.ts';

function parseHead(text: string): { seq: number; hash: string } {
  const [, seq, hash] = /^(\d+):([0-9a-zA-Z+/=_-]+)$/.exec(text.trim()) ?? [];
  if (seq !== undefined && hash !== undefined) return { seq: Number(seq), hash };
  throw new FlotillaError(
    'INVALID_INPUT',
    'A known head looks like 42:HASH, as flotilla audit head prints it.',
  );
}

export function auditVerifyCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'verify',
    summary: 'Check that no entry of the audit log was changed or removed',
    description: 'Walks the whole hash chain. The exit code is 1 when it does not hold.',
    examples: ['audit verify', 'audit verify --known "$(cat head.txt)"'],
  })
    .option('--known <head>', 'a head that was printed earlier and must still be part of the log')
    .action(
      action<{ known?: string }>(cli, async ({ json, verbose, known }) =>
        cli.withHub({ verbose: verbose === true }, async (hub) => {
          const { terminal } = cli;
          const checked = await hub.runtime.services.audit.verify(
            known === undefined ? undefined : parseHead(known),
          );
          if (json) terminal.json(checked);
          else if (checked.ok)
            terminal.print(`${terminal.color.green('ok')}  ${checked.rows} rows, the chain holds`);
          else
            terminal.print(
              `${terminal.color.red('fail')}  row ${checked.broken?.seq}: ${checked.broken?.reason} Compare with a backup of the data folder.`,
            );
          return checked.ok ? EXIT.ok : EXIT.failed;
        }),
      ),
    );
}
