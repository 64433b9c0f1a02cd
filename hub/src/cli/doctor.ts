import type { Finding } from '@flotilla/fleet';
import type { Command } from 'commander';
import { callTool } from './calls/call-tool.ts';
import { failureIn, showAnswer } from './calls/show-answer.ts';
import type { Cli } from './cli.ts';
import { action, define } from './define.ts';
import { EXIT } from './terminal/exit-codes.ts';
import { forPeople } from './terminal/hints.ts';

const ORDER = { ok: 0, warn: 1, fail: 2 };

export function doctorCommand(program: Command, cli: Cli): void {
  const { terminal } = cli;
  define(program, {
    usage: 'doctor',
    summary: 'Check Flotilla itself: each line ok, warn or fail, with its remedy',
    description:
      'Checks Flotilla on this machine. For a managed host: flotilla host test. The exit code is 1 when something fails.',
    examples: ['doctor', 'doctor --json'],
  }).action(
    action(cli, async ({ json, verbose }) =>
      cli.withHub({ mounts: true, verbose: verbose === true }, async (hub, base) => {
        await hub.settled(5_000);
        const answer = await callTool(cli, hub, base, 'system_diagnostics', { verbose: json === true });
        if (failureIn(answer)) return showAnswer(terminal, answer, json === true);
        const { status, findings } = answer.structuredContent as { status: string; findings: Finding[] };
        if (json) terminal.json(answer.structuredContent);
        else
          for (const finding of [...findings].sort((a, b) => ORDER[a.status] - ORDER[b.status]))
            show(cli, finding);
        return status === 'fail' ? EXIT.failed : EXIT.ok;
      }),
    ),
  );
}

function show({ terminal }: Cli, { area, status, finding, remedy }: Finding): void {
  const { color } = terminal;
  const mark = { ok: color.green('ok  '), warn: color.yellow('warn'), fail: color.red('fail') }[status];
  terminal.print(`${mark}  ${color.bold(area)}: ${finding}`);
  if (remedy && status !== 'ok') terminal.print(`      ${color.dim('→')} ${forPeople(remedy)}`);
}
