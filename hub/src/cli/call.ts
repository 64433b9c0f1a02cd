import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { parseArguments } from './calls/arguments.ts';
import { UNTIL_THE_END, watchCall } from './calls/call-tool.ts';
import { findTool } from './calls/find-tool.ts';
import { showAnswer } from './calls/show-answer.ts';
import type { Cli } from './cli.ts';
import { action, define } from './define.ts';
import { leaveRunning } from './runs/leave-running.ts';
import { detachedNote } from './runs/notes.ts';
import { EXIT } from './terminal/exit-codes.ts';

export function callCommand(program: Command, cli: Cli): void {
  const { world, terminal } = cli;
  define(program, {
    usage: 'call <tool> [arguments...]',
    summary: 'Call any tool as an assistant would',
    description:
      'Calls a tool with key=value words, one JSON object, or - for the object on stdin. Values are read as JSON ' +
      'where the tool wants no text; key=@file takes the text of a file. A long call is waited for; Ctrl-C leaves it running.',
    examples: [
      'call task_exec alias=web1 cmd=uptime',
      'call task_exec \'{"alias":["web1","web2"],"cmd":"df -h /"}\'',
      'call script_run alias=web1 script=@deploy.sh',
    ],
  })
    .option('--no-wait', 'answer with the run instead of waiting for its end')
    .action(
      action<{ wait: boolean }>(cli, async ({ json, verbose, wait }, name = '', ...words) => {
        const open = {
          mounts: true,
          verbose: verbose === true,
          syncWaitMs: wait ? UNTIL_THE_END : 0,
        };
        return cli.withHub(open, async (hub, base) => {
          const tool = await findTool(hub, base, name);
          const args = await parseArguments(words, tool.inputSchema, {
            readFile: (path) => readFile(resolve(world.cwd, path), 'utf8'),
            readStdin: () => text(world.stdin),
          });
          const { answer, interrupted, runId } = await watchCall(cli, hub, base, name, args);
          const code = interrupted && !json ? EXIT.ok : showAnswer(terminal, answer, json === true);
          if (!interrupted) return code;
          if (runId !== undefined) await leaveRunning(cli, hub.runtime.services.engine, runId);
          terminal.note(detachedNote(runId ?? ''));
          return EXIT.interrupted;
        });
      }),
    );
}
