import { FlotillaError, type HostKeyPin, isFlotillaError } from '@flotilla/core';
import type { ProcessBase } from '@flotilla/runtime';
import type { Command } from 'commander';
import type { Hub } from '../../hub.ts';
import { audited } from '../audited.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { confirm } from '../terminal/ask.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { reach } from './reach.ts';

interface TrustOptions {
  fingerprint?: string;
  yes?: boolean;
}

export function hostTrustCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'trust <alias>',
    summary: 'Accept the new host key of a host that was reinstalled',
    description:
      "Connects, shows the key the host has now beside the pinned one, asks, and pins it. Compare it with what the host's console says " +
      '(ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub): a changed key can also mean that somebody listens in between. ' +
      'Assistants cannot do this.',
    examples: ['host trust web1', 'host trust web1 --fingerprint SHA256:… --yes'],
  })
    .option('--fingerprint <sha256>', 'accept only this key')
    .option('--yes', 'do not ask; needs --fingerprint')
    .action(
      action<TrustOptions>(cli, async ({ json, verbose, ...options }, alias = '') =>
        cli.withHub({ verbose: verbose === true }, async (hub, base) => {
          const host = hub.runtime.services.inventory.get(alias);
          const reached = await reach(hub, alias);
          const shown = reached.ok ? undefined : shownKey(reached.error);
          if (!shown) {
            if (!reached.ok) throw reached.error;
            if (json) cli.terminal.json({ alias, changed: false, hostKeys: reached.host.hostKeys });
            else cli.terminal.note(`${alias} shows the key that is pinned. Nothing to do.`);
            return EXIT.ok;
          }
          const { terminal } = cli;
          for (const pin of host.hostKeys) terminal.note(`pinned  ${pin.fingerprint} (${pin.type})`);
          terminal.note(`shown   ${terminal.noteColor.bold(shown.fingerprint)} (${shown.type})`);
          if (!(await accepted(cli, alias, shown, options))) return EXIT.failed;
          await pin(hub, base, alias, shown);
          const again = await reach(hub, alias);
          if (json) terminal.json({ alias, changed: true, hostKeys: [shown], reached: again.ok });
          else terminal.note(`${alias} is trusted with ${shown.fingerprint}.`);
          if (again.ok) return EXIT.ok;
          throw again.error;
        }),
      ),
    );
}

function shownKey(error: unknown): HostKeyPin | undefined {
  if (!isFlotillaError(error) || error.code !== 'HOST_KEY_MISMATCH' || error.details['revoked'])
    return undefined;
  return error.details['shown'] as HostKeyPin | undefined;
}

async function accepted(cli: Cli, alias: string, shown: HostKeyPin, options: TrustOptions): Promise<boolean> {
  const { fingerprint, yes } = options;
  if (fingerprint !== undefined && fingerprint !== shown.fingerprint)
    throw new FlotillaError(
      'HOST_KEY_MISMATCH',
      `${alias} does not show ${fingerprint}. Nothing was changed.`,
      {
        details: { alias, shown },
      },
    );
  if (yes && fingerprint === undefined)
    throw new FlotillaError('APPROVAL_REQUIRED', 'Trusting a key unseen is not offered.', {
      hint: 'With --yes, name the key: --fingerprint SHA256:…',
    });
  return confirm(cli, 'Is this the key that the host itself shows?', yes);
}

/** A person vouches that it is the same machine, so its stored secrets stay; a changed pin alone would drop them. */
async function pin(hub: Hub, base: ProcessBase, alias: string, shown: HostKeyPin): Promise<void> {
  const { inventory } = hub.runtime.services;
  const { password, passphrase, sudoPassword } = inventory.record(alias);
  const secrets = {
    ...(password !== undefined && { password }),
    ...(passphrase !== undefined && { passphrase }),
    ...(sudoPassword !== undefined && { sudoPassword }),
  };
  const args = { alias, hostKey: shown.fingerprint };
  const entry = { tool: 'host_trust', effect: 'write' as const, aliases: [alias], args };
  await audited(hub, base, entry, () =>
    inventory.save({ alias, hostKey: [shown], ...secrets }, { person: true }),
  );
}
