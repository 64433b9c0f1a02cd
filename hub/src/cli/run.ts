import { FlotillaError } from '@flotilla/core';
import { type Command, CommanderError } from 'commander';
import { createCli } from './cli.ts';
import { complete } from './completion/completion.ts';
import { createProgram } from './program.ts';
import { EXIT } from './terminal/exit-codes.ts';
import { reportError } from './terminal/failure.ts';
import { createTerminal } from './terminal/terminal.ts';
import type { World } from './world.ts';

/** Only `exec` gives `--` a meaning of its own: hosts before it, the command behind it. */
function splitDashes(argv: readonly string[]): { words: readonly string[]; afterDashes?: readonly string[] } {
  const dashes = argv.indexOf('--');
  if (argv[0] !== 'exec' || dashes < 0) return { words: argv };
  return { words: argv.slice(0, dashes), afterDashes: argv.slice(dashes + 1) };
}

/** A reader that went away (`flotilla tools | head`) is no failure. */
function ignoreClosedReader(world: World): void {
  world.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

function usageFailure(error: CommanderError, program: Command): FlotillaError {
  const message = error.message.replace(/^error: /, '').replace(/\n.*/s, '');
  return new FlotillaError('INVALID_INPUT', message, {
    details: { usage: program.usage() },
    hint: error.message.includes('\n') ? error.message.replace(/^[^\n]*\n/, '') : 'See: flotilla --help',
  });
}

/** Runs one command line. Returns the exit code; nothing is left running. */
export async function run(world: World): Promise<number> {
  ignoreClosedReader(world);
  const terminal = createTerminal(world);
  const { words, afterDashes } = splitDashes(world.argv);
  const cli = createCli(world, terminal, afterDashes);
  const program = createProgram(cli);
  if (words[0] === '__complete') {
    for (const word of await complete(program, cli, words.slice(1))) terminal.print(word);
    return EXIT.ok;
  }
  try {
    await program.parseAsync([...words], { from: 'user' });
    return cli.exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.ok;
    if (error.code === 'commander.help') return EXIT.usage;
    reportError(terminal, usageFailure(error, program), words.includes('--json'));
    return EXIT.usage;
  }
}
