import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { FlotillaError } from '@flotilla/core';
import {
  applyImport,
  type ImportPlan,
  type ImportReview,
  type ImportRow,
  localFiles,
  planOrchestrator,
  planSshConfig,
  reviewImport,
  sshConfigFile,
} from '@flotilla/inventory';
import type { ProcessBase } from '@flotilla/runtime';
import type { Command } from 'commander';
import type { Hub } from '../../hub.ts';
import { audited } from '../audited.ts';
import type { Cli } from '../cli.ts';
import { action, type Common, define } from '../define.ts';
import { askSome } from '../terminal/ask.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { table } from '../terminal/table.ts';
import { type HostTest, testHosts } from './test-hosts.ts';

interface ImportOptions extends Common {
  from?: string;
  yes?: boolean;
  dryRun?: boolean;
  verify: boolean;
}

/** Where the earlier orchestrator kept its data when nothing else was set. */
const ORCHESTRATOR_FOLDERS = ['.config/mcp-sftp-orchestrator', '.mcp-sftp-orchestrator'];

export function hostImportCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'import [path]',
    summary: 'Take over hosts from ~/.ssh/config or an earlier orchestrator',
    description:
      'Reads an ssh_config file (--from ssh-config, the default) or the data folder of mcp-sftp-orchestrator (--from orchestrator). ' +
      'Shows what it found, asks which hosts to take, then logs in to each. Nothing in the files is executed.',
    examples: [
      'host import',
      'host import --from orchestrator ~/.config/mcp-sftp-orchestrator',
      'host import --dry-run --json',
    ],
  })
    .option('--from <source>', 'ssh-config or orchestrator')
    .option('--dry-run', 'only show what would be taken')
    .option('--yes', 'take everything without asking')
    .option('--no-verify', 'do not log in')
    .action(
      action<ImportOptions>(cli, async (options, path?: string) =>
        cli.withHub({ verbose: options.verbose === true }, (hub, base) =>
          importHosts(cli, hub, base, path === undefined ? undefined : resolve(cli.world.cwd, path), options),
        ),
      ),
    );
}

function planFor({ identity }: ProcessBase, path: string | undefined, from: string | undefined): ImportPlan {
  const files = localFiles(identity.homedir, userInfo().username);
  const folder = ORCHESTRATOR_FOLDERS.map((name) => join(identity.homedir, name)).find((name) =>
    existsSync(join(name, 'servers.json')),
  );
  switch (
    from ??
    (path !== undefined && existsSync(join(path, 'servers.json')) ? 'orchestrator' : 'ssh-config')
  ) {
    case 'ssh-config':
      return planSshConfig(files, path ?? sshConfigFile(identity.homedir));
    case 'orchestrator':
      if (path ?? folder) return planOrchestrator(files, path ?? (folder as string));
      throw new FlotillaError(
        'INVALID_INPUT',
        'The data folder of the orchestrator is not where it usually is.',
        {
          hint: 'Name it: flotilla host import --from orchestrator FOLDER',
        },
      );
    default:
      throw new FlotillaError('INVALID_INPUT', `--from ${from} is not known: ssh-config or orchestrator.`);
  }
}

async function importHosts(
  cli: Cli,
  hub: Hub,
  base: ProcessBase,
  path: string | undefined,
  options: ImportOptions,
): Promise<number> {
  const { terminal } = cli;
  const { inventory } = hub.runtime.services;
  const plan = planFor(base, path, options.from);
  const review = reviewImport(inventory, plan, { person: true });
  if (!options.json) showReview(cli, review);
  const useful = review.hosts.filter(({ action: what }) => what === 'add' || what === 'update');
  if (options.dryRun || useful.length === 0) {
    if (options.json) terminal.json(review);
    else if (useful.length === 0) terminal.note('Nothing new.');
    return EXIT.ok;
  }
  const only = await chosen(cli, useful, options);
  if (only?.length === 0) return EXIT.failed;
  const entry = {
    tool: 'server_import',
    effect: 'write' as const,
    aliases: only ?? useful.map(({ alias }) => alias),
    args: { source: plan.source },
  };
  const done = await audited(hub, base, entry, () =>
    applyImport(inventory, plan, { person: true, ...(only && { only }) }),
  );
  const taken = done.hosts.filter(({ action: what }) => what === 'add' || what === 'update');
  const contacts = options.verify && taken.length > 0 ? await contactAll(cli, hub, base, taken, options) : [];
  if (options.json) terminal.json({ ...done, contacts });
  else terminal.note(`${taken.length} hosts registered.`);
  return EXIT.ok;
}

function showReview({ terminal }: Cli, review: ImportReview): void {
  const { noteColor: color } = terminal;
  terminal.note(`${review.source}:`);
  if (review.hosts.length > 0)
    terminal.note(
      table<ImportRow>(
        [
          { title: 'alias', value: ({ alias }) => alias, style: color.cyan },
          { title: 'what', value: ({ action: what }) => what },
          { title: 'address', value: ({ user, host, port }) => `${user}@${host}:${port}`, flexible: true },
          { title: 'key', value: ({ keyPath }) => keyPath, flexible: true },
          { title: 'via', value: ({ jump }) => jump },
          { title: 'loses', value: ({ dropped }) => dropped?.join(' '), flexible: true },
        ],
        review.hosts,
        { columns: terminal.columns, heading: color.dim },
      ),
    );
  for (const { name, added } of review.groups)
    if (added.length > 0) terminal.note(`group ${name}: ${added.join(', ')}`);
  for (const { where, what } of review.problems) terminal.note(`${color.red(where)}: ${what}`);
  for (const { where, what } of review.warnings) terminal.note(`${color.yellow(where)}: ${what}`);
}

/** Aliases to take; undefined = everything, with its groups. */
async function chosen(
  cli: Cli,
  rows: readonly ImportRow[],
  { yes }: ImportOptions,
): Promise<string[] | undefined> {
  if (yes) return undefined;
  if (!cli.terminal.interactive)
    throw new FlotillaError(
      'APPROVAL_REQUIRED',
      'Nobody can be asked here which hosts to take; nothing was changed.',
      {
        hint: 'Read the list, then add --yes.',
      },
    );
  const picked = await askSome(
    cli,
    'Which hosts?',
    rows.map(({ alias, user, host }) => ({ name: `${alias}  ${user}@${host}`, value: alias, checked: true })),
  );
  return picked.length === rows.length ? undefined : picked;
}

/** Logs in to each, and says what it is, which key it showed, and what it lacks. */
async function contactAll(
  cli: Cli,
  hub: Hub,
  base: ProcessBase,
  rows: readonly ImportRow[],
  { json }: Common,
): Promise<HostTest[]> {
  const { terminal } = cli;
  const tested = await testHosts(
    cli,
    hub,
    base,
    rows.map(({ alias }) => alias),
  );
  if (json) return tested.rows;
  for (const row of tested.rows) terminal.print(contactLine(cli, row));
  terminal.print(tested.table);
  return tested.rows;
}

function contactLine({ terminal }: Cli, { alias, ok, fingerprints, failure }: HostTest): string {
  const { color } = terminal;
  return ok
    ? `${color.green('✓')} ${alias}  host key ${fingerprints?.join(', ')}`
    : `${color.red('✗')} ${alias}  ${failure?.code ?? 'FAILED'}: ${failure?.message ?? 'see below'}`;
}
