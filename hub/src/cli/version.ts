import { VERSION } from '@flotilla/runtime';
import type { Command } from 'commander';
import type { Cli } from './cli.ts';
import { action, define } from './define.ts';

export function versionCommand(program: Command, cli: Cli): void {
  define(program, {
    usage: 'version',
    summary: 'Print the version of Flotilla and of the Node that runs it',
    examples: ['version --json'],
  }).action(
    action(cli, async ({ json }) => {
      const versions = { flotilla: VERSION, node: process.versions.node };
      if (json) cli.terminal.json(versions);
      else cli.terminal.print(`flotilla ${versions.flotilla} (node ${versions.node})`);
      return 0;
    }),
  );
}
