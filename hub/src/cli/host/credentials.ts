import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FlotillaError } from '@flotilla/core';
import type { HostInput } from '@flotilla/inventory';
import type { ProcessBase } from '@flotilla/runtime';
import type { Cli } from '../cli.ts';
import { secretFromStdin } from '../terminal/secret-input.ts';

export interface CredentialOptions {
  key?: string;
  agent?: boolean;
  passwordStdin?: boolean;
  passphraseStdin?: boolean;
}

/** What may log in to a host; the first that does is kept. */
export interface Attempt {
  /** For the person who waits. */
  label: string;
  input: Pick<HostInput, 'keyPath' | 'passphrase' | 'password' | 'agent'>;
}

/** Files that ssh itself would try, the modern ones first. */
const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

const STDIN_HINT = 'Pipe the secret in: flotilla host add web1 … --password-stdin < file';

/** Exactly what was asked for; with nothing asked for, what this machine has: its agent and its usual keys. */
export async function attempts(cli: Cli, base: ProcessBase, options: CredentialOptions): Promise<Attempt[]> {
  const { key, agent, passwordStdin, passphraseStdin } = options;
  if (passwordStdin && passphraseStdin)
    throw new FlotillaError(
      'INVALID_INPUT',
      'Standard input holds one secret: choose password or passphrase.',
    );
  const { homedir, agentSocket } = base.identity;
  const given: Attempt['input'] = {
    ...(key !== undefined && { keyPath: resolve(cli.world.cwd, key) }),
    ...(passphraseStdin && { passphrase: await secretFromStdin(cli, STDIN_HINT) }),
    ...(passwordStdin && { password: await secretFromStdin(cli, STDIN_HINT) }),
    ...(agent && { agent: true }),
  };
  if (Object.keys(given).length > 0) return [{ label: 'the given credentials', input: given }];
  const keys = DEFAULT_KEYS.map((name) => join(homedir, '.ssh', name)).filter((file) => existsSync(file));
  const shared = agentSocket === undefined ? {} : { agent: true };
  if (keys.length === 0)
    return agentSocket === undefined ? [] : [{ label: 'the SSH agent', input: { agent: true } }];
  return keys.map((keyPath) => ({ label: keyPath, input: { keyPath, ...shared } }));
}
