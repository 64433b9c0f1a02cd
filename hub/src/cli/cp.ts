import { stat } from 'node:fs/promises';
import { FlotillaError, isOpen } from '@flotilla/core';
import type { ProcessBase } from '@flotilla/runtime';
import type { Command } from 'commander';
import type { Hub } from '../hub.ts';
import { UNTIL_THE_END, watchCall } from './calls/call-tool.ts';
import { showAnswer } from './calls/show-answer.ts';
import type { Cli } from './cli.ts';
import { action, define } from './define.ts';
import { cliPrincipal } from './principal.ts';
import { folderOf, localPath, type Operand, parseOperand } from './runs/path-operand.ts';
import { EXIT } from './terminal/exit-codes.ts';

interface Copy {
  alias: string;
  direction: 'upload' | 'download';
  local: string;
  remote: string;
  /** What the person named on this machine: allowed for this copy, beside the config's roots. */
  roots: string[];
}

/** `.` and `folder/` are their content's folder here, so a trailing slash of a source means nothing. */
const sourcePath = (path: string): string => (path.length > 1 ? path.replace(/\/+$/, '') : path);

function copyOf(source: Operand, target: Operand, cwd: string): Copy {
  if (source.side === 'local' && target.side === 'remote') {
    const local = sourcePath(localPath(source.path, cwd));
    return { alias: target.alias, direction: 'upload', local, remote: target.path, roots: [folderOf(local)] };
  }
  if (source.side === 'remote' && target.side === 'local') {
    const local = localPath(target.path, cwd);
    return {
      alias: source.alias,
      direction: 'download',
      local,
      remote: source.path,
      roots: [folderOf(local)],
    };
  }
  throw new FlotillaError(
    source.side === 'remote' ? 'UNSUPPORTED' : 'INVALID_INPUT',
    source.side === 'remote'
      ? 'Copying from one host to another is not possible yet.'
      : 'One side has to be on a host: host:path.',
    { hint: 'flotilla cp ./site web1:/var/www/   or   flotilla cp web1:/var/log/syslog .' },
  );
}

/** An existing folder is a place to put things into, as with cp. */
async function intoFolder(copy: Copy): Promise<Copy> {
  if (copy.direction === 'upload' || copy.local.endsWith('/')) return copy;
  const existing = await stat(copy.local).catch(() => undefined);
  return existing?.isDirectory() ? { ...copy, local: `${copy.local}/`, roots: [copy.local] } : copy;
}

export function cpCommand(program: Command, cli: Cli): void {
  define(program, {
    usage: 'cp <source> <target>',
    summary: 'Copy a file or folder to or from a host',
    description:
      'Copies a file, a folder or a quoted pattern; host:path names the side on a host. Checked by sha256, resumed when it is ' +
      'repeated after an interruption, mode and time kept. A target that ends in / is a folder to put the source into; ' +
      'otherwise it names the copy itself, and a folder that exists is merged into. Ctrl-C stops the copy.',
    examples: ['cp ./site web1:/var/www/', 'cp web1:/var/log/syslog .', "cp 'logs/**/*.gz' web1:/backup/"],
  }).action(
    action(cli, async ({ json, verbose }, source = '', target = '') => {
      const copy = await intoFolder(copyOf(parseOperand(source), parseOperand(target), cli.world.cwd));
      const { roots, ...args } = copy;
      const open = { syncWaitMs: UNTIL_THE_END, localRoots: roots, verbose: verbose === true };
      return cli.withHub(open, async (hub, base) => {
        const { answer, interrupted, runId } = await watchCall(cli, hub, base, 'task_transfer', args, {
          bytes: true,
        });
        if (interrupted && runId !== undefined) return stop(cli, hub, base, runId);
        return showAnswer(cli.terminal, answer, json === true);
      });
    }),
  );
}

const STOP_MS = 5_000;

/** Ctrl-C: unlike a command, nobody wants half a copy to go on unseen. */
async function stop(cli: Cli, hub: Hub, base: ProcessBase, id: string): Promise<number> {
  const { engine } = hub.runtime.services;
  if (isOpen(engine.get(id).state)) {
    await engine.cancel(id, cliPrincipal(base));
    await engine.runs.wait(id, STOP_MS);
  }
  cli.terminal.note(
    'Stopped. Files that were complete are there; the same command goes on where it stopped.',
  );
  return EXIT.interrupted;
}
