import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { parseArguments } from '../calls/arguments.ts';
import { callTool } from '../calls/call-tool.ts';
import { findTool } from '../calls/find-tool.ts';
import { given } from '../calls/pass-through.ts';
import { showRun } from '../calls/show-answer.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';

interface AddOptions {
  cron?: string;
  every?: string;
  at?: string;
  zone?: string;
  missed?: string;
  grace?: string;
  overlap?: string;
  jitter?: string;
  notes?: string;
  dryRun?: boolean;
}

export function scheduleAddCommand(parent: Command, cli: Cli): void {
  const { world, terminal } = cli;
  define(parent, {
    usage: 'add <schedule> [tool] [arguments...]',
    summary: 'Add a schedule, or change the one of this name',
    description:
      'Calls a tool at times to come, with key=value words, one JSON object, or - for the object on stdin. ' +
      'For a schedule that is there already, what is not given stays. It fires while a hub runs.',
    examples: [
      'schedule add nightly task_exec alias=web1 cmd=./backup.sh --cron "30 3 * * *" --zone Europe/Paris',
      'schedule add disks get_system_resources alias=all --every 15m --overlap skip',
      'schedule add nightly --cron "0 4 * * *"',
    ],
  })
    .option('--cron <fields>', 'minute hour day-of-month month day-of-week, or @daily')
    .option('--every <duration>', 'from one firing to the next, e.g. 15m')
    .option('--at <time>', 'once, at this ISO 8601 time')
    .option('--zone <zone>', 'IANA time zone; default that of this machine')
    .addOption(
      new Option('--missed <rule>', 'fire times when no hub ran').choices(['skip', 'run_once', 'run_all']),
    )
    .option('--grace <duration>', 'how late a missed one may still run, default 1d')
    .addOption(
      new Option('--overlap <rule>', 'when the last one has not ended').choices([
        'skip',
        'queue',
        'replace',
        'allow',
      ]),
    )
    .option('--jitter <duration>', 'start up to so much later, always by the same amount')
    .option('--notes <text>', 'what is worth knowing about it')
    .option('--dry-run', 'check it and show the fire times, change nothing')
    .action(
      action<AddOptions>(cli, async ({ json, verbose, ...options }, name = '', tool, ...words) =>
        cli.withHub({ mounts: true, verbose: verbose === true }, async (hub, base) => {
          const args =
            tool === undefined
              ? undefined
              : await parseArguments(words, (await findTool(hub, base, tool)).inputSchema, {
                  readFile: (path) => readFile(resolve(world.cwd, path), 'utf8'),
                  readStdin: () => text(world.stdin),
                });
          const answer = await callTool(
            cli,
            hub,
            base,
            'schedule_add',
            given({ name, tool, args, ...options }),
          );
          return showRun(terminal, answer, json === true);
        }),
      ),
    );
}
