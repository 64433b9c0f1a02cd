import { FlotillaError } from '@flotilla/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { labelsOption, lanesOption } from './names.ts';

interface RunOptions {
  lanes?: string;
  labels?: string;
}

export function workerRunCommand(program: Command, cli: Cli): Command {
  return define(program, {
    usage: 'worker',
    summary: 'Take runs of a hub on this machine, and manage the workers of this one',
    description:
      'Takes the runs of some servers for the hub at FLOTILLA_HUB_URL, over its Redis (FLOTILLA_REDIS_URL), until a signal ' +
      'arrives. Shows it the token of FLOTILLA_WORKER_TOKEN or FLOTILLA_WORKER_TOKEN_FILE, and gets from it only the hosts ' +
      'of the runs that it takes.',
    examples: [
      'worker --lanes docker,sftp',
      'worker --lanes ssh-exec --labels office',
      'worker token add office --lanes ssh-exec',
    ],
  })
    .enablePositionalOptions()
    .option('--lanes <names>', 'servers whose runs it takes, separated by commas')
    .option('--labels <names>', 'networks that it reaches; default FLOTILLA_WORKER_LABELS')
    .action(
      action<RunOptions>(cli, async ({ lanes, labels, json }) => {
        const [{ openProcess, startWorker }, { WORKABLE }] = await Promise.all([
          import('@flotilla/runtime'),
          import('../../workable.ts'),
        ]);
        const wanted = lanesOption(lanes, WORKABLE);
        const base = await openProcess(cli.world.env);
        if (base.config.workers.hubUrl === undefined)
          throw new FlotillaError('INVALID_INPUT', 'This worker does not know its hub.', {
            hint: 'Set FLOTILLA_HUB_URL, e.g. http://hub.internal:7722',
          });
        const workers = {
          ...base.config.workers,
          ...(labels !== undefined && { labels: labelsOption(labels) }),
        };
        await startWorker({
          base: { ...base, config: { ...base.config, workers } },
          servers: WORKABLE.filter(({ name }) => wanted.includes(name)),
          onReady: (facts) => {
            if (json) cli.terminal.json(facts);
            else cli.terminal.note(`Worker ${facts.worker} takes runs of ${facts.lanes.join(', ')}.`);
          },
        });
        return EXIT.ok;
      }),
    );
}
