import { userInfo } from 'node:os';
import { FlotillaError } from '@flotilla/core';
import type { HostInput } from '@flotilla/inventory';
import type { ProcessBase } from '@flotilla/runtime';
import { type Command, Option } from 'commander';
import type { Hub } from '../../hub.ts';
import { audited } from '../audited.ts';
import type { Cli } from '../cli.ts';
import { action, type Common, define } from '../define.ts';
import { collect, integerOption } from '../option-values.ts';
import { askSecret, askText, confirm } from '../terminal/ask.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { type Address, parseAddress } from './address.ts';
import { type Attempt, attempts, type CredentialOptions } from './credentials.ts';
import { fingerprints, type Reached, reach } from './reach.ts';
import { testHosts } from './test-hosts.ts';

interface AddOptions extends CredentialOptions, Common {
  user?: string;
  port?: number;
  jump?: string;
  group?: string[];
  env?: string;
  tag?: string[];
  hostKey?: string;
  sudo?: HostInput['sudo'];
  protected?: boolean;
  readonly?: boolean;
  transport?: HostInput['transport'];
  verify: boolean;
  yes?: boolean;
}

export function hostAddCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'add <alias> [address]',
    summary: 'Register a host, or change it, and log in once',
    description:
      'Registers [user@]host[:port] under an alias. Without credentials it tries the SSH agent and the usual keys, and on a terminal ' +
      'asks for what is missing. The host key seen first is pinned. Secrets are stored encrypted and never given as arguments.',
    examples: [
      'host add web1 deploy@203.0.113.7',
      'host add db1 root@10.0.0.5 --jump bastion --key ~/.ssh/id_ed25519 --group db',
      'host add old admin@192.0.2.9:2222 --password-stdin < password.txt',
    ],
  })
    .option('--user <name>', 'login name')
    .option('--port <number>', 'port, default 22', integerOption)
    .option('--key <file>', 'private key')
    .option('--agent', 'use the SSH agent')
    .option('--password-stdin', 'read the password from standard input')
    .option('--passphrase-stdin', 'read the passphrase of the key from standard input')
    .option('--jump <alias>', 'go through this registered host')
    .option('--group <name>', 'member of this group; may be repeated', collect)
    .option('--env <name>', 'environment, e.g. prod')
    .option('--tag <name>', 'tag; may be repeated', collect)
    .option('--host-key <fingerprint>', 'the key the host has to show: SHA256:…')
    .addOption(new Option('--sudo <how>', 'how to become root').choices(['none', 'nopasswd', 'password']))
    .option('--protected', 'assistants may not destroy anything on it')
    .option('--readonly', 'nobody may change anything on it')
    .addOption(
      new Option('--transport <how>', 'local: this machine itself, without SSH').choices(['ssh', 'local']),
    )
    .option('--no-verify', 'register without logging in')
    .option('--yes', 'do not ask before a known host is changed')
    .action(
      action<AddOptions>(cli, async (options, alias = '', address?: string) =>
        cli.withHub({ verbose: options.verbose === true }, (hub, base) =>
          addHost(cli, hub, base, { alias, address, options }),
        ),
      ),
    );
}

interface Wanted {
  alias: string;
  address: string | undefined;
  options: AddOptions;
}

async function addHost(cli: Cli, hub: Hub, base: ProcessBase, wanted: Wanted): Promise<number> {
  const { alias, options } = wanted;
  const { inventory } = hub.runtime.services;
  const known = inventory.find(alias) !== undefined;
  const input = { ...(await identityOf(cli, wanted, known)), ...settingsOf(options) };
  const tries = options.transport === 'local' ? [] : await attempts(cli, base, options);
  const [first] = tries;
  if (known && !(await agreed(cli, hub, { ...input, ...first?.input }, options))) return EXIT.failed;

  const save = (attempt: Attempt['input']): Promise<unknown> => {
    const args = { ...input, ...attempt, ...hidden(attempt) };
    const entry = { tool: 'server_add', effect: 'write' as const, aliases: [alias], args };
    return audited(hub, base, entry, () => inventory.save({ ...input, ...attempt }, { person: true }));
  };
  await save(first?.input ?? {});
  if (!options.verify) return registered(cli, hub, alias, options, { how: 'not verified' });

  const reached = await tryAll(cli, hub, alias, tries, save);
  if (reached.ok) {
    const { table } = await testHosts(cli, hub, base, [alias]);
    return registered(cli, hub, alias, options, { how: 'logged in', facts: table });
  }
  if (!known) await inventory.remove(alias, { person: true });
  const { error } = reached;
  throw new FlotillaError(
    error.code,
    known ? error.message : `${error.message} ${alias} was not registered.`,
    {
      details: error.details,
      hint: `${error.hint} To register it anyway: --no-verify.`,
    },
  );
}

async function identityOf(cli: Cli, { alias, address, options }: Wanted, known: boolean): Promise<HostInput> {
  const ask = cli.terminal.interactive && !known;
  const text = address ?? (ask ? await askText(cli, `Address of ${alias}`) : undefined);
  const parsed: Partial<Address> = text === undefined ? {} : parseAddress(text);
  const user =
    options.user ?? parsed.user ?? (ask ? await askText(cli, 'Login name', userInfo().username) : undefined);
  const port = options.port ?? parsed.port;
  if (!known && (parsed.host === undefined || user === undefined))
    throw new FlotillaError(
      'INVALID_INPUT',
      `The ${parsed.host === undefined ? 'address' : 'login name'} is missing.`,
      {
        hint: `flotilla host add ${alias} user@host`,
      },
    );
  return {
    alias,
    ...(parsed.host !== undefined && { host: parsed.host }),
    ...(user !== undefined && { user }),
    ...(port !== undefined && { port }),
  };
}

function settingsOf(options: AddOptions): Partial<HostInput> {
  const { jump, group, env, tag, hostKey, sudo, transport } = options;
  return {
    ...(jump !== undefined && { jump }),
    ...(group && { groups: group }),
    ...(env !== undefined && { env }),
    ...(tag && { tags: tag }),
    ...(hostKey !== undefined && { hostKey }),
    ...(sudo !== undefined && { sudo }),
    ...(transport !== undefined && { transport }),
    ...(options.protected && { protected: true }),
    ...(options.readonly && { readonly: true }),
  };
}

/** Names the secrets that were given, never their values. */
const hidden = ({ password, passphrase }: Attempt['input']): Record<string, string> => ({
  ...(password && { password: '[secret]' }),
  ...(passphrase && { passphrase: '[secret]' }),
});

/** A known host that becomes another machine loses its secrets and pins: said before it happens. */
async function agreed(cli: Cli, hub: Hub, input: HostInput, { yes }: AddOptions): Promise<boolean> {
  const { changed, dropped } = hub.runtime.services.inventory.preview(input);
  if (changed.length === 0) return true;
  cli.terminal.note(`${input.alias} is registered. Changes: ${changed.join(', ')}.`);
  if (dropped.length > 0)
    cli.terminal.note(`It may be another machine then, so this is dropped: ${dropped.join(', ')}.`);
  return confirm(cli, `Change ${input.alias}?`, yes);
}

/** Tries what there is, then asks for a passphrase or a password. */
async function tryAll(
  cli: Cli,
  hub: Hub,
  alias: string,
  tries: readonly Attempt[],
  save: (attempt: Attempt['input']) => Promise<unknown>,
): Promise<Reached> {
  const { terminal } = cli;
  let reached = await reach(hub, alias);
  for (const { label, input } of tries.slice(1)) {
    if (reached.ok || reached.error.code !== 'AUTH_FAILED') break;
    terminal.note(terminal.noteColor.dim(`Not accepted; trying ${label}`));
    await save({ ...CLEARED, ...input });
    reached = await reach(hub, alias);
  }
  if (reached.ok || reached.error.code !== 'AUTH_FAILED' || !terminal.interactive) return reached;
  terminal.note(reached.error.message);
  const password = await askSecret(cli, `Password of ${alias} (Enter to give up)`);
  if (password === '') return reached;
  await save({ ...CLEARED, password });
  return reach(hub, alias);
}

const CLEARED = { keyPath: null, agent: null } as const;

function registered(
  cli: Cli,
  hub: Hub,
  alias: string,
  options: Common,
  { how, facts }: { how: string; facts?: string },
): number {
  const { terminal } = cli;
  const host = hub.runtime.services.inventory.get(alias);
  if (options.json) {
    terminal.json(host);
    return EXIT.ok;
  }
  terminal.print(`${terminal.color.green('✓')} ${alias}: ${host.user}@${host.host}:${host.port}, ${how}`);
  const pins = fingerprints(host);
  if (pins) terminal.print(`  host key ${pins}`);
  if (facts) terminal.print(facts.replace(/^/gm, '  '));
  terminal.note(terminal.noteColor.dim(`Try it: flotilla exec ${alias} -- uptime`));
  return EXIT.ok;
}
