import { FlotillaError } from '@flotilla/core';
import { type Command, Option } from 'commander';
import { audited } from '../audited.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { cliPrincipal } from '../principal.ts';
import { resolveRunId } from '../runs/resolve-id.ts';
import { askOne, askText } from '../terminal/ask.ts';
import { EXIT } from '../terminal/exit-codes.ts';

const VERDICTS = ['succeeded', 'failed', 'retry'] as const;
type Verdict = (typeof VERDICTS)[number];

const CHOICES = [
  { name: 'succeeded: I looked, it took effect', value: 'succeeded' },
  { name: 'failed: I looked, it did not', value: 'failed' },
  { name: 'retry: run what was cut off once more', value: 'retry' },
];

export function taskResolveCommand(parent: Command, cli: Cli): void {
  const { terminal } = cli;
  define(parent, {
    usage: 'resolve <id>',
    summary: 'Say what became of an interrupted run, after looking at its host',
    description:
      'Whether an interrupted run took effect is not known to Flotilla; it keeps its locks until a person has looked and says so. ' +
      'Assistants cannot do this.',
    examples: ['task resolve last', 'task resolve last --as succeeded --note "the file is there"'],
  })
    .addOption(new Option('--as <verdict>', 'what you found').choices(VERDICTS))
    .option('--note <text>', 'how you know; kept with the run')
    .action(
      action<{ as?: Verdict; note?: string }>(cli, async (options, word = '') =>
        cli.withHub({ verbose: options.verbose === true }, async (hub, base) => {
          const { engine } = hub.runtime.services;
          const { id, state, tool, summary, aliases } = engine.get(resolveRunId(engine, word));
          if (state !== 'interrupted')
            throw new FlotillaError('CONFLICT', `${id} is ${state}: only an interrupted run is resolved.`, {
              hint: `flotilla task show ${id}`,
            });
          if (options.as === undefined && !terminal.interactive)
            throw new FlotillaError('INVALID_INPUT', 'Say what you found: --as succeeded, failed or retry.');
          if (options.as === undefined) terminal.note(`${id} was ${tool}: ${summary}`);
          const verdict = options.as ?? ((await askOne(cli, 'What became of it?', CHOICES)) as Verdict);
          const note =
            options.note ?? (terminal.interactive ? await askText(cli, 'How do you know?', '-') : '');
          const entry = {
            tool: 'task_resolve',
            effect: 'write' as const,
            aliases,
            args: { id, verdict, note },
          };
          const view = await audited(hub, base, entry, () =>
            engine.resolve(id, verdict, note, cliPrincipal(base)),
          );
          if (options.json) terminal.json({ id, state: view.state, verdict });
          else terminal.note(`${id} is now ${view.state}.`);
          return EXIT.ok;
        }),
      ),
    );
}
