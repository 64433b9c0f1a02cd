import type { Command } from 'commander';
import { callTool } from '../calls/call-tool.ts';
import { showAnswer } from '../calls/show-answer.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { integerOption } from '../option-values.ts';
import { readInputs } from './inputs.ts';
import { definitionOf, readSource } from './source.ts';
import { withTools } from './with-tools.ts';

export function pipelinePlanCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'plan <pipeline> [inputs...]',
    summary: 'Check a pipeline and show what it would do',
    description:
      'Takes the name of a saved pipeline, or a file (.yaml, .json; .ts and .mjs are run, their default export is the pipeline). ' +
      'All problems come at once; nothing is changed.',
    examples: ['pipeline plan deploy.yaml version=1.2', 'pipeline plan deploy'],
  })
    .option('--version <n>', 'of the saved pipeline; default the newest', integerOption)
    .action(
      action<{ version?: number }>(cli, async ({ json, verbose, version }, word = '', ...words) => {
        const source = await readSource(cli, word, version);
        return withTools(cli, { verbose: verbose === true }, async (hub, base) => {
          const pipeline = await definitionOf(cli, hub, base, source);
          const inputs = await readInputs(cli, words, pipeline, { ask: false });
          const answer = await callTool(cli, hub, base, 'pipeline_plan', { ...source, ...inputs });
          return showAnswer(cli.terminal, answer, json === true);
        });
      }),
    );
}
