import { Argument, type Command } from 'commander';
import { callTool } from '../calls/call-tool.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { cliPrincipal } from '../principal.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { candidates, type Operand } from './candidates.ts';
import { completionScript, SHELLS, type Shell } from './scripts.ts';

export function completionCommand(program: Command, cli: Cli): void {
  define(program, {
    usage: 'completion',
    summary: 'Print the completion script of a shell',
    description: 'Completes commands, options, host aliases, run ids and tools.',
    examples: ['completion bash >> ~/.bashrc', 'completion fish > ~/.config/fish/completions/flotilla.fish'],
  })
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .action(
      action(cli, async (_options, shell = 'bash') => {
        cli.terminal.print(completionScript(shell as Shell, `${cli.world.launch.root}/bin/flotilla`));
        return EXIT.ok;
      }),
    );
}

/** What the scripts ask: the words so far, the last one under the cursor, perhaps empty. */
export async function complete(program: Command, cli: Cli, words: readonly string[]): Promise<string[]> {
  const current = words.at(-1) ?? '';
  const { words: fixed, operand } = candidates(program, words.slice(0, -1), current);
  const all = [...fixed, ...(await lookUp(cli, operand))];
  return all.filter((word) => word.startsWith(current));
}

const RUNS = 20;

async function lookUp(cli: Cli, operand: Operand): Promise<string[]> {
  if (operand === 'none') return [];
  return cli.withHub({}, async (hub, base) => {
    const { inventory, engine } = hub.runtime.services;
    const aliases = (): string[] => inventory.list().map(({ alias }) => alias);
    switch (operand) {
      case 'host':
        return [...aliases(), 'all', ...inventory.groups().map(({ name }) => `group:${name}`)];
      case 'path':
        return aliases().map((alias) => `${alias}:`);
      case 'run': {
        const runs = [...engine.list({ limit: RUNS }).runs, ...engine.history({ limit: RUNS }).runs];
        return ['last', ...runs.map(({ id }) => id)];
      }
      case 'schedule': {
        const { structuredContent } = await callTool(cli, hub, base, 'schedule_list', {});
        const { schedules = [] } = structuredContent as { schedules?: { name: string }[] };
        return schedules.map(({ name }) => name);
      }
      case 'tool':
        return hub.endpoint.listTools(cliPrincipal(base)).map(({ name }) => name);
    }
  });
}
