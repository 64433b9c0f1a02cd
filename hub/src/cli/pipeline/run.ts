import { randomUUID } from 'node:crypto';
import { FlotillaError } from '@flotilla/core';
import type { Command } from 'commander';
import { watchCall } from '../calls/call-tool.ts';
import { failureIn, handleIn, showAnswer } from '../calls/show-answer.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { integerOption } from '../option-values.ts';
import { resolveRunId } from '../runs/resolve-id.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { readInputs } from './inputs.ts';
import { leftNote } from './left-note.ts';
import { definitionOf, readSource } from './source.ts';
import { withTools } from './with-tools.ts';

export function pipelineRunCommand(parent: Command, cli: Cli): void {
  const { terminal } = cli;
  define(parent, {
    usage: 'run <pipeline> [inputs...]',
    summary: 'Run a pipeline and see how it gets on',
    description:
      'Takes the name of a saved pipeline, or a file. Everything is checked first; approvals are asked for here. ' +
      'The exit code is 0 when it succeeded, else 1. Ctrl-C detaches: the run goes on.',
    examples: ['pipeline run deploy version=1.2', 'pipeline run ./deploy.yaml version=1.2 --detach'],
  })
    .option('--version <n>', 'of the saved pipeline; default the newest', integerOption)
    .option('--detach', 'print the id of the run and leave at once')
    .action(
      action<{ version?: number; detach?: boolean }>(
        cli,
        async ({ json, verbose, version, detach }, word = '', ...words) => {
          const source = await readSource(cli, word, version);
          return withTools(cli, { syncWaitMs: 0, verbose: verbose === true }, async (hub, base) => {
            const pipeline = await definitionOf(cli, hub, base, source);
            const inputs = await readInputs(cli, words, pipeline, { ask: true });
            // Two people, or one in two terminals, may mean to run the same pipeline twice.
            const args = { ...source, ...inputs, idempotencyKey: `cli-${randomUUID()}` };
            const { answer } = await watchCall(cli, hub, base, 'pipeline_run', args);
            const id = handleIn(answer)?.id;
            if (id === undefined || failureIn(answer) || !pipeline)
              return showAnswer(terminal, answer, json === true);
            const { watchRun } = await import('./watch-run.ts');
            if (!detach) return watchRun(cli, hub, base, id, pipeline, json === true);
            if (json) terminal.json({ run: { id } });
            else terminal.print(id);
            terminal.note(leftNote(id));
            return EXIT.ok;
          });
        },
      ),
    );
}

export function pipelineWatchCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'watch <id>',
    summary: 'See how a run of a pipeline gets on, and approve what it asks',
    examples: ['pipeline watch last'],
  }).action(
    action(cli, async ({ json, verbose }, word = '') =>
      withTools(cli, { verbose: verbose === true }, async (hub, base) => {
        const { engine } = hub.runtime.services;
        const id = resolveRunId(engine, word);
        const { tool } = engine.get(id);
        if (tool !== 'pipeline_run')
          throw new FlotillaError('INVALID_INPUT', `${id} is a run of ${tool}, not of a pipeline.`, {
            hint: `flotilla task output -f ${id}`,
          });
        const { name, version, definition } = engine.args(id) as {
          name?: string;
          version?: number;
          definition?: unknown;
        };
        const source =
          name === undefined ? { definition } : { name, ...(version !== undefined && { version }) };
        const pipeline = await definitionOf(cli, hub, base, source);
        if (!pipeline) throw new FlotillaError('NOT_FOUND', 'Its definition cannot be read.');
        const { watchRun } = await import('./watch-run.ts');
        return watchRun(cli, hub, base, id, pipeline, json === true);
      }),
    ),
  );
}
