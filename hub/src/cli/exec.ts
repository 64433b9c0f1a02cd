import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { FlotillaError, type RunView, runFailure } from '@flotilla/core';
import type { ProcessBase } from '@flotilla/runtime';
import type { Command } from 'commander';
import type { Hub } from '../hub.ts';
import { UNTIL_THE_END, watchCall } from './calls/call-tool.ts';
import { failureIn, showAnswer } from './calls/show-answer.ts';
import type { Cli } from './cli.ts';
import { action, define } from './define.ts';
import { collect, integerOption, secondsOption } from './option-values.ts';
import { runExitCode } from './runs/exit-code.ts';
import { followRun } from './runs/follow.ts';
import { hostsOfRun } from './runs/hosts-of-run.ts';
import { leaveRunning } from './runs/leave-running.ts';
import { detachedNote, hostFailures } from './runs/notes.ts';
import { EXEC_FAILED, EXIT } from './terminal/exit-codes.ts';
import { reportError, reportFailure } from './terminal/failure.ts';
import { onInterrupt } from './terminal/interrupt.ts';
import { hostWriter } from './terminal/prefixed.ts';

interface ExecOptions {
  timeout?: number;
  sudo?: boolean;
  cwd?: string;
  env?: string[];
  stdin?: boolean;
  detach?: boolean;
  force?: boolean;
  maxParallel?: number;
  stopAfter?: number;
  json?: boolean;
  verbose?: boolean;
}

function environment(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      if (equals > 0) return [pair.slice(0, equals), pair.slice(equals + 1)];
      throw new FlotillaError('INVALID_INPUT', `--env ${pair} is not NAME=VALUE.`);
    }),
  );
}

async function execArguments(
  cli: Cli,
  hosts: readonly string[],
  options: ExecOptions,
): Promise<Record<string, unknown>> {
  const cmd = cli.afterDashes?.join(' ') ?? '';
  if (hosts.length === 0 || cmd === '')
    throw new FlotillaError('INVALID_INPUT', 'exec needs hosts, --, and a command.', {
      hint: 'flotilla exec web1 web2 -- uptime',
    });
  const { timeout, sudo, force, cwd, env, stdin, maxParallel, stopAfter } = options;
  return {
    alias: hosts.length === 1 ? hosts[0] : hosts,
    cmd,
    timeout: timeout ?? 0,
    // Two people, or one in two terminals, may mean to run the same command twice.
    idempotencyKey: `cli-${randomUUID()}`,
    ...(sudo && { sudo }),
    ...(force && { force }),
    ...(cwd !== undefined && { cwd }),
    ...(env && { env: environment(env) }),
    ...(stdin && { stdin: await text(cli.world.stdin) }),
    ...(maxParallel !== undefined && { maxParallel }),
    ...(stopAfter !== undefined && { stopAfterFailures: stopAfter }),
  };
}

export function execCommand(program: Command, cli: Cli): void {
  define(program, {
    usage: 'exec [hosts...]',
    summary: 'Run a command on hosts and see its output as it comes',
    description:
      'Runs what stands behind -- on the hosts (aliases, all, group:x, env:x, tag:x). The words are joined with spaces and read by ' +
      "the host's shell, as with ssh. The exit code is the command's, of several hosts the highest; 255 when it could not be run. " +
      'Ctrl-C detaches: the command goes on as a run.',
    examples: [
      'exec web1 -- uptime',
      "exec group:web --sudo -- 'systemctl restart nginx && systemctl is-active nginx'",
    ],
  })
    .option('--timeout <seconds>', 'end the command after this time; default never', secondsOption)
    .option('--sudo', 'run as root')
    .option('--cwd <folder>', 'folder to run in')
    .option('--env <name=value>', 'add an environment variable; may be repeated', collect)
    .option('--stdin', "send this program's standard input to the command")
    .option('--force', 'also what the command policy of the config denies: you decide')
    .option('--detach', 'print the id of the run and leave at once')
    .option('--max-parallel <n>', 'hosts at a time, default 20', integerOption)
    .option('--stop-after <n>', 'start no further host after so many failed', integerOption)
    .action(
      action<ExecOptions>(cli, async (options, ...hosts) => {
        try {
          const args = await execArguments(cli, hosts, options);
          const syncWaitMs = options.json && !options.detach ? UNTIL_THE_END : 0;
          return await cli.withHub({ syncWaitMs, verbose: options.verbose === true }, (hub, base) =>
            exec(cli, hub, base, args, options),
          );
        } catch (error) {
          reportError(cli.terminal, error, options.json === true);
          return EXEC_FAILED;
        }
      }),
    );
}

async function exec(
  cli: Cli,
  hub: Hub,
  base: ProcessBase,
  args: Record<string, unknown>,
  options: ExecOptions,
): Promise<number> {
  const { terminal } = cli;
  const { engine, inventory } = hub.runtime.services;
  const { answer, interrupted, runId } = await watchCall(cli, hub, base, 'task_exec', args);
  const failure = failureIn(answer);
  const id = runId ?? runIdIn(answer.structuredContent) ?? runIdIn(failure?.details);
  if (id === undefined) return showAnswer(terminal, answer, options.json === true) === 0 ? 0 : EXEC_FAILED;
  if (options.detach) {
    await leaveRunning(cli, engine, id, hostsOfRun(engine.get(id), inventory).length);
    if (options.json) terminal.json({ run: { id } });
    else terminal.print(id);
    return EXIT.ok;
  }
  if (options.json) {
    showAnswer(terminal, answer, true);
    const view = engine.get(id);
    return interrupted ? EXIT.interrupted : runExitCode(view, hostsOfRun(view, inventory));
  }
  return follow(cli, hub, id);
}

function runIdIn(value: unknown): string | undefined {
  const { runId, rows } = (value ?? {}) as { runId?: unknown; rows?: { runId?: unknown }[] };
  const found = runId ?? rows?.[0]?.runId;
  return typeof found === 'string' ? found : undefined;
}

async function follow(cli: Cli, hub: Hub, id: string): Promise<number> {
  const { terminal, world } = cli;
  const { engine, inventory } = hub.runtime.services;
  const aliases = hostsOfRun(engine.get(id), inventory);
  const interrupt = onInterrupt();
  const writer = hostWriter({
    stdout: world.stdout,
    stderr: world.stderr,
    aliases,
    prefix: (_alias, padded) => terminal.color.cyan(padded) + terminal.color.dim(' │'),
  });
  const view = await followRun(engine, id, {
    signal: interrupt.signal,
    writer,
    onHeld: (reason) => terminal.note(`${id} is ${reason}`),
  }).finally(interrupt.release);
  if (interrupt.signal.aborted && view.endedAt === undefined) {
    await leaveRunning(cli, engine, id, aliases.length);
    terminal.note(detachedNote(id));
    return EXIT.interrupted;
  }
  reportEnd(cli, view, aliases);
  return runExitCode(view, aliases);
}

/** Nothing to say of commands that ended by themselves: their output and exit code are the answer. */
function reportEnd(cli: Cli, view: RunView, hosts: readonly string[]): void {
  const { terminal } = cli;
  const failures = hostFailures(view, hosts);
  for (const { alias, said } of failures) terminal.note(`${terminal.noteColor.red(alias)}: ${said}`);
  const failure = runFailure(view);
  if (failure && failures.length === 0) reportFailure(terminal, failure, false);
}
