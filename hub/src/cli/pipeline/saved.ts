import type { Command } from 'commander';
import { callTool } from '../calls/call-tool.ts';
import { passThrough } from '../calls/pass-through.ts';
import { failureIn, showAnswer } from '../calls/show-answer.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { integerOption } from '../option-values.ts';
import { confirm } from '../terminal/ask.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { table } from '../terminal/table.ts';
import { ago } from '../terminal/time.ts';
import { readSource } from './source.ts';
import { withTools } from './with-tools.ts';

interface Row {
  name: string;
  version: number;
  description?: string;
  steps: number;
  inputs: string[];
  triggers: string[];
  savedAt: string;
}

export function savedPipelineCommands(parent: Command, cli: Cli): void {
  const { terminal } = cli;
  define(parent, {
    usage: 'list [search]',
    summary: 'List saved pipelines',
    examples: ['pipeline list', 'pipeline list deploy'],
  }).action(
    action(cli, async ({ json, verbose }, search?: string) =>
      cli.withHub({ verbose: verbose === true }, async (hub, base) => {
        const args = search === undefined ? {} : { search };
        const answer = await callTool(cli, hub, base, 'pipeline_list', args);
        if (json || failureIn(answer)) return showAnswer(terminal, answer, json === true);
        showRows(cli, (answer.structuredContent as { rows: Row[] }).rows);
        return EXIT.ok;
      }),
    ),
  );
  define(parent, {
    usage: 'show <pipeline>',
    summary: 'Print the definition of a saved pipeline as YAML',
    examples: ['pipeline show deploy', 'pipeline show deploy --version 2 > deploy.yaml'],
  })
    .option('--version <n>', 'default the newest', integerOption)
    .action(
      action<{ version?: number }>(cli, async ({ json, verbose, version }, name = '') =>
        cli.withHub({ verbose: verbose === true }, async (hub, base) => {
          const args = { name, ...(version !== undefined && { version }) };
          const answer = await callTool(cli, hub, base, 'pipeline_show', args);
          if (json || failureIn(answer)) return showAnswer(terminal, answer, json === true);
          const shown = answer.structuredContent as { yaml: string; version: number; versions: unknown[] };
          terminal.print(shown.yaml);
          terminal.note(`version ${shown.version} of ${shown.versions.length}`);
          return EXIT.ok;
        }),
      ),
    );
  define(parent, {
    usage: 'save <file>',
    summary: 'Check a pipeline and keep it under its name',
    description:
      'A changed definition becomes a new version. Only a person can save one that uses secrets or has a webhook.',
    examples: ['pipeline save deploy.yaml'],
  }).action(
    action(cli, async ({ json, verbose }, word = '') => {
      const source = await readSource(cli, word.includes('/') ? word : `./${word}`);
      return withTools(cli, { verbose: verbose === true }, async (hub, base) => {
        const answer = await callTool(cli, hub, base, 'pipeline_save', { ...source });
        return showAnswer(terminal, answer, json === true);
      });
    }),
  );
  define(parent, {
    usage: 'remove <pipeline>',
    summary: 'Forget a saved pipeline with all its versions',
    examples: ['pipeline remove deploy --yes'],
  })
    .alias('rm')
    .option('--yes', 'do not ask')
    .action(
      action<{ yes?: boolean }>(cli, async ({ yes, ...options }, name = '') => {
        if (!(await confirm(cli, `Remove the pipeline ${name}?`, yes))) return EXIT.failed;
        return passThrough(cli, options, 'pipeline_remove', { name });
      }),
    );
}

function showRows({ terminal }: Cli, rows: readonly Row[]): void {
  if (rows.length === 0) {
    terminal.note('No pipeline is saved. Save one: flotilla pipeline save FILE');
    return;
  }
  const text = table<Row>(
    [
      { title: 'name', value: ({ name }) => name, style: terminal.color.cyan },
      { title: 'version', value: ({ version }) => version, align: 'right' },
      { title: 'steps', value: ({ steps }) => steps, align: 'right' },
      { title: 'inputs', value: ({ inputs }) => inputs.join(' '), flexible: true },
      { title: 'triggers', value: ({ triggers }) => triggers.join(' ') },
      { title: 'saved', value: ({ savedAt }) => ago(savedAt) },
      { title: 'description', value: ({ description }) => description, flexible: true },
    ],
    rows,
    { columns: terminal.columns, heading: terminal.color.dim },
  );
  terminal.print(text);
}
