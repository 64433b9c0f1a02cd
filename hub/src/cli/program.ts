import { VERSION } from '@flotilla/runtime';
import { Command } from 'commander';
import { auditCommands } from './audit/index.ts';
import { callCommand } from './call.ts';
import type { Cli } from './cli.ts';
import { completionCommand } from './completion/completion.ts';
import { configCommands } from './config/index.ts';
import { connectCommand } from './connect.ts';
import { cpCommand } from './cp.ts';
import { doctorCommand } from './doctor.ts';
import { execCommand } from './exec.ts';
import { groupCommands } from './group/index.ts';
import { hostCommands } from './host/index.ts';
import { logsCommand } from './logs.ts';
import { pipelineCommands } from './pipeline/index.ts';
import { scheduleCommands } from './schedule/index.ts';
import { secretCommands } from './secret/index.ts';
import { serveCommand } from './serve/serve.ts';
import { taskCommands } from './task/index.ts';
import { toolsCommand } from './tools.ts';
import { versionCommand } from './version.ts';
import { workerCommands } from './worker/index.ts';

/** The whole command line. */
export function createProgram(cli: Cli): Command {
  const { terminal, world } = cli;
  const program = new Command('flotilla')
    .description(
      'Safe, fast hands on a fleet of Linux servers: the hub of your assistant, and the same engine by hand.',
    )
    .version(VERSION, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .enablePositionalOptions()
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text),
      writeErr: (text) => terminal.note(text),
      outputError: () => {},
      getOutHelpWidth: () => terminal.columns ?? 100,
      getErrHelpWidth: () => terminal.columns ?? 100,
      getOutHasColors: () => terminal.color.isColorSupported,
      getErrHasColors: () => terminal.noteColor.isColorSupported,
    })
    .configureHelp({
      styleTitle: (text) => terminal.color.bold(text),
      styleCommandText: (text) => terminal.color.cyan(text),
      styleSubcommandText: (text) => terminal.color.cyan(text),
      styleOptionTerm: (text) => terminal.color.cyan(text),
    })
    .addHelpText(
      'after',
      `\nExample:\n  $ ${world.launch.root}/bin/flotilla host add web1 deploy@203.0.113.7`,
    );
  program.commandsGroup('Hands on hosts:');
  execCommand(program, cli);
  cpCommand(program, cli);
  hostCommands(program, cli);
  groupCommands(program, cli);
  program.commandsGroup('Runs and their trail:');
  taskCommands(program, cli);
  pipelineCommands(program, cli);
  scheduleCommands(program, cli);
  auditCommands(program, cli);
  logsCommand(program, cli);
  program.commandsGroup('Tools:');
  toolsCommand(program, cli);
  callCommand(program, cli);
  program.commandsGroup('Hub:');
  serveCommand(program, cli);
  configCommands(program, cli);
  secretCommands(program, cli);
  workerCommands(program, cli);
  connectCommand(program, cli);
  doctorCommand(program, cli);
  completionCommand(program, cli);
  versionCommand(program, cli);
  return program;
}
