import { type FlotillaError, isFlotillaError } from '@flotilla/core';
import type { HostEntry } from '@flotilla/inventory';
import type { Hub } from '../../hub.ts';

const CONNECT_MS = 30_000;

export type Reached = { ok: true; host: HostEntry } | { ok: false; error: FlotillaError };

/** Logs in once. The first contact pins the host key. */
export async function reach({ runtime }: Hub, alias: string): Promise<Reached> {
  const { hosts, inventory } = runtime.services;
  try {
    await hosts.shell(alias, ':', { timeoutMs: CONNECT_MS });
    await inventory.seen(alias);
    return { ok: true, host: inventory.get(alias) };
  } catch (error) {
    if (!isFlotillaError(error)) throw error;
    return { ok: false, error };
  }
}

export const fingerprints = ({ hostKeys }: HostEntry): string =>
  hostKeys
    .map(({ type, fingerprint }) => (type === 'any' ? fingerprint : `${fingerprint} (${type})`))
    .join(', ');
