import { isOpen, type RunView, type StreamName } from '@flotilla/core';
import type { ProcessBase } from '@flotilla/runtime';
import { type Command, Option } from 'commander';
import type { Hub } from '../../hub.ts';
import { callTool } from '../calls/call-tool.ts';
import { given } from '../calls/pass-through.ts';
import { failureIn, showAnswer } from '../calls/show-answer.ts';
import type { Cli } from '../cli.ts';
import { action, type Common, define } from '../define.ts';
import { integerOption } from '../option-values.ts';
import { cliPrincipal } from '../principal.ts';
import { followRun } from '../runs/follow.ts';
import { hostsOfRun } from '../runs/hosts-of-run.ts';
import { answerQuestions, questionText } from '../runs/questions.ts';
import { resolveRunId } from '../runs/resolve-id.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { hostWriter } from '../terminal/prefixed.ts';

interface OutputOptions extends Common {
  follow?: boolean;
  host?: string;
  stream?: StreamName;
  search?: string;
  offset?: number;
  limit?: number;
}

export function taskOutputCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'output <id>',
    summary: 'Print what a run printed, also while it goes on',
    description:
      'Prints the whole output; of several hosts each line begins with its host. With --json or --search it answers like ' +
      'task_output. `last` is the newest run.',
    examples: [
      'task output -f last',
      'task output last --host web1 --stream stderr',
      'task output last --search error',
    ],
  })
    .option('-f, --follow', 'go on until the run ends, and answer what it asks')
    .option('--host <alias>', 'only this host')
    .addOption(new Option('--stream <name>', 'only this stream').choices(['stdout', 'stderr']))
    .option('--search <text>', 'only lines that hold this text')
    .option('--offset <bytes>', 'with --json: first byte', integerOption)
    .option('--limit <bytes>', 'with --json: most bytes', integerOption)
    .action(
      action<OutputOptions>(cli, async (options, word = '') =>
        cli.withHub({ verbose: options.verbose === true }, async (hub, base) => {
          const id = resolveRunId(hub.runtime.services.engine, word);
          const { host, stream, search, offset, limit } = options;
          const args = given({ id, alias: host, stream, search, offset, limit });
          if (options.search === undefined && !options.json) return printOutput(cli, hub, base, id, options);
          const answer = await callTool(cli, hub, base, 'task_output', args);
          return showAnswer(cli.terminal, answer, options.json === true);
        }),
      ),
    );
}

/** The call of the tool stands for admission and audit; the bytes then come from the engine, without its cap. */
async function printOutput(
  cli: Cli,
  hub: Hub,
  base: ProcessBase,
  id: string,
  options: OutputOptions,
): Promise<number> {
  const { terminal, world } = cli;
  const { engine, inventory } = hub.runtime.services;
  const admitted = await callTool(cli, hub, base, 'task_output', { id, limit: 1 });
  if (failureIn(admitted)) return showAnswer(terminal, admitted, false);
  const view = engine.get(id);
  const writer = hostWriter({
    stdout: world.stdout,
    stderr: world.stderr,
    aliases: options.host === undefined ? hostsOfRun(view, inventory) : [options.host],
    prefix: (_alias, padded) => terminal.color.cyan(padded) + terminal.color.dim(' │'),
  });
  const interrupt = onInterrupt();
  const once = AbortSignal.abort();
  const end = await followRun(engine, id, {
    signal: options.follow ? interrupt.signal : once,
    writer,
    alias: options.host,
    stream: options.stream,
    ...(options.follow &&
      terminal.interactive && {
        onQuestion: (asking: RunView) => answerQuestions(cli, engine, asking, cliPrincipal(base)),
      }),
  }).finally(interrupt.release);
  if (!isOpen(end.state)) return EXIT.ok;
  if (end.state === 'waiting') terminal.note(`${questionText(end)}\nAnswer: flotilla task answer ${id}`);
  else terminal.note(`${id} is ${end.state}${options.follow ? '' : '; -f goes on until it ends'}.`);
  return interrupt.signal.aborted ? EXIT.interrupted : EXIT.ok;
}
