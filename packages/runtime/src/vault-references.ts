import { FlotillaError, isFlotillaError } from '@flotilla/core';
import { type Mount, resolveAll } from '@flotilla/core/config';
import type { ProcessBase } from './open-process.ts';
import type { Services } from './services.ts';

type Vault = Pick<Services, 'secrets' | 'redactor'>;

/**
 * Fills in `${vault:NAME}` in a part of the config; `key` is where it stands. What was filled in is masked from then on.
 * INVALID_INPUT names the key of a secret that is not there, and the command that stores it.
 */
export function fillIn<T>(value: T, key: string, { secrets, redactor }: Vault): T {
  const vault = (name: string): string | undefined => {
    try {
      return secrets.get(name);
    } catch (error) {
      if (isFlotillaError(error) && error.code === 'NOT_FOUND') return undefined;
      throw error;
    }
  };
  return resolveAll(value, { vault, onSecret: (secret) => redactor.add(secret) }, key);
}

/** Mounts that can be started. */
export const fillInMounts = (mounts: readonly Mount[], vault: Vault): Mount[] =>
  mounts.map((mount) => (mount.disabled ? mount : fillIn(mount, `mcpServers.${mount.name}`, vault)));

/** The process with the tokens of its HTTP front door. INVALID_INPUT for one that is too short. */
export function withHttpTokens(base: ProcessBase, vault: Vault): ProcessBase {
  const { http } = base.config;
  const tokens = http.tokens.map(({ name, token }) => {
    const key = `http.tokens.${name}`;
    const filled = fillIn({ [name]: token }, 'http.tokens', vault)[name] ?? '';
    if (/^\S{16,}$/.test(filled)) return { name, token: filled };
    throw new FlotillaError('INVALID_INPUT', `${key} has fewer than 16 characters, or spaces.`, {
      details: { key },
      hint: 'Choose a longer one: openssl rand -base64 32',
    });
  });
  return { ...base, config: { ...base.config, http: { ...http, tokens } } };
}
