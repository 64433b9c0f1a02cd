import type { Command } from 'commander';
import { audited } from '../audited.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { labelsOption, lanesOption } from './names.ts';

interface AddOptions {
  lanes?: string;
  labels?: string;
  standing?: boolean;
}

export function tokenAddCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'add <name>',
    summary: 'Make a token for workers of some servers; it is shown once',
    description:
      'A worker that shows the token may take runs of these lanes, and gets the hosts of those runs with their secrets for as ' +
      'long as it holds them. --standing: also all hosts at any time, for a server that watches them.',
    examples: ['worker token add office --lanes ssh-exec,docker --labels office'],
  })
    .option('--lanes <names>', 'servers, separated by commas')
    .option('--labels <names>', 'networks that its workers reach, separated by commas')
    .option('--standing', 'may have hosts without a run or a call')
    .action(
      action<AddOptions>(cli, async ({ lanes, labels, standing, json, verbose }, name = '') =>
        cli.withHub({ withoutSettings: true, verbose: verbose === true }, async (hub, base) => {
          const [{ sideOf }, { WORKABLE }] = await Promise.all([
            import('./side.ts'),
            import('../../workable.ts'),
          ]);
          const { tokens } = await sideOf(hub, base);
          const grant = {
            name,
            lanes: lanesOption(lanes, WORKABLE),
            labels: labelsOption(labels),
            standing: standing === true,
          };
          const entry = {
            tool: 'worker_token_add',
            effect: 'write' as const,
            aliases: [],
            args: { ...grant },
          };
          const token = await audited(hub, base, entry, () => tokens.add(grant));
          if (json) cli.terminal.json({ ...grant, token });
          else {
            cli.terminal.print(token);
            cli.terminal.note(
              'It is shown this once. On the worker: FLOTILLA_WORKER_TOKEN, or a file named by FLOTILLA_WORKER_TOKEN_FILE.',
            );
          }
          return EXIT.ok;
        }),
      ),
    );
}
