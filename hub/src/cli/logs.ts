import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type LogEntry, LogRing, visibleControls } from '@flotilla/core';
import { type Command, Option } from 'commander';
import type { Cli } from './cli.ts';
import { action, define } from './define.ts';
import { integerOption } from './option-values.ts';
import { logFile } from './serve/log-file.ts';
import { EXIT } from './terminal/exit-codes.ts';
import { onInterrupt } from './terminal/interrupt.ts';

interface LogsOptions {
  level?: string;
  search?: string;
  limit?: number;
  follow?: boolean;
}

const LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'];
const LOOK_MS = 250;
const MAX_LINES = 100_000;

/** Reads a log file from `offset` on; the lines that are complete. */
async function linesFrom(file: string, offset: number): Promise<{ lines: string[]; offset: number }> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, 'r');
    const { size } = await handle.stat();
    const start = size < offset ? 0 : offset;
    const buffer = Buffer.alloc(size - start);
    await handle.read(buffer, 0, buffer.length, start);
    const end = buffer.lastIndexOf(10) + 1;
    const lines = buffer.toString('utf8', 0, end).split('\n').slice(0, -1);
    return { lines, offset: start + end };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { lines: [], offset: 0 };
    throw error;
  } finally {
    await handle?.close();
  }
}

/** The entries that match, oldest first; lines that are no log lines are left out. */
function select(lines: readonly string[], options: LogsOptions): LogEntry[] {
  const ring = new LogRing(MAX_LINES);
  for (const line of lines) if (isJson(line)) ring.push(line);
  const { level, search, limit = 50 } = options;
  return ring.search({ limit, ...(level && { level }), ...(search !== undefined && { search }) }).reverse();
}

function isJson(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}

export function logsCommand(program: Command, cli: Cli): void {
  const { terminal } = cli;
  define(program, {
    usage: 'logs',
    summary: 'Show the log of the hubs on this data folder',
    description:
      'Shows what hubs started with `serve` logged, the newest last. For what a command printed: flotilla task output.',
    examples: ['logs', 'logs -f --level warn', 'logs --search web1 --limit 200'],
  })
    .addOption(new Option('--level <level>', 'this level and the more severe ones').choices(LEVELS))
    .option('--search <text>', 'only lines that hold this text')
    .option('--limit <n>', 'most lines, default 50', integerOption)
    .option('-f, --follow', 'go on with new lines')
    .action(
      action<LogsOptions>(cli, async ({ json, ...options }) => {
        const { config } = await cli.base();
        const file = logFile(config.dataDir);
        const older = await linesFrom(`${file}.1`, 0);
        let state = await linesFrom(file, 0);
        const first = select([...older.lines, ...state.lines], options);
        const show = (entries: readonly LogEntry[]): void => {
          for (const entry of entries) cli.world.stdout.write(`${render(cli, entry, json === true)}\n`);
        };
        if (json && !options.follow) terminal.json(first);
        else show(first);
        if (first.length === 0 && !options.follow) terminal.note(`Nothing matches in ${file}.`);
        if (!options.follow) return EXIT.ok;
        const { signal, release } = onInterrupt();
        while (!signal.aborted) {
          await delay(LOOK_MS, undefined, { signal }).catch(() => {});
          state = await linesFrom(file, state.offset);
          show(select(state.lines, { ...options, limit: MAX_LINES }));
        }
        release();
        return EXIT.ok;
      }),
    );
}

function render({ terminal }: Cli, entry: LogEntry, json: boolean): string {
  if (json) return JSON.stringify(entry);
  const { color } = terminal;
  const { time, level, message, ...fields } = entry;
  const paint = { warn: color.yellow, error: color.red, fatal: color.red }[level] ?? color.dim;
  const more = Object.keys(fields).length > 0 ? color.dim(` ${JSON.stringify(fields)}`) : '';
  return `${color.dim(time)} ${paint(level.toUpperCase().padEnd(5))} ${visibleControls(message)}${visibleControls(more)}`;
}
