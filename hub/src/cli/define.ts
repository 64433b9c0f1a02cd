import type { Command } from 'commander';
import type { Cli } from './cli.ts';
import { reportError } from './terminal/failure.ts';

export interface Common {
  json?: boolean;
  verbose?: boolean;
}

export interface CommandText {
  /** Name and operands, as commander writes them: `add <alias> [address]`. */
  usage: string;
  summary: string;
  /** More than the summary says; optional. */
  description?: string;
  /** Arguments behind `flotilla`, each a line of the help. */
  examples: readonly string[];
}

/** Adds a command with the options that every command has. */
export function define(parent: Command, text: CommandText): Command {
  const examples = text.examples.map((example) => `  $ flotilla ${example}`).join('\n');
  return parent
    .command(text.usage)
    .summary(text.summary)
    .description(text.description ?? text.summary)
    .option('--json', 'answer as JSON on stdout')
    .option('--verbose', 'log to stderr what happens underneath')
    .addHelpText('after', `\nExample${text.examples.length > 1 ? 's' : ''}:\n${examples}`);
}

/** A group of commands: `flotilla host …`. */
export function defineGroup(parent: Command, name: string, summary: string): Command {
  return parent.command(name).summary(summary).description(summary).helpCommand(false);
}

/**
 * The action of a command: what it throws is reported in the one way, what it returns is the exit code.
 * `O` are the command's own options.
 */
export function action<O extends object>(
  cli: Cli,
  run: (options: O & Common, ...operands: string[]) => Promise<number>,
): (this: Command) => Promise<void> {
  return async function (this: Command) {
    const options = this.opts<O & Common>();
    const operands = this.processedArgs.flat().filter((word) => word !== undefined) as string[];
    try {
      cli.exitCode = await run(options, ...operands);
    } catch (error) {
      cli.exitCode = reportError(cli.terminal, error, options.json === true);
    }
  };
}
