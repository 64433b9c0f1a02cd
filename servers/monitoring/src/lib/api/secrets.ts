import { createHash } from 'node:crypto';
import { type Cipher, FlotillaError, type HostView } from '@flotilla/core';
import { z } from 'zod';
import type { ApiSettings } from './settings.ts';

export interface ApiSecrets {
  api_key?: string | undefined;
  htpasswd_pass?: string | undefined;
}

/** Bound to what it was given for: a sealed value that is moved to another alias or url opens as nothing. */
const Sealed = z.object({
  alias: z.string(),
  url: z.string(),
  api_key: z.string().optional(),
  htpasswd_pass: z.string().optional(),
  /** The hosts that were known when the secrets were given; see `knownHost`. */
  hosts: z.array(z.string()),
});
export type SealedSecrets = z.infer<typeof Sealed>;

export const sealSecrets = (cipher: Cipher, value: SealedSecrets): string =>
  cipher.seal(JSON.stringify(value));

/** Undefined when it belongs to another alias or url. */
export function openSecrets(
  cipher: Cipher,
  sealed: string,
  alias: string,
  url: string,
): SealedSecrets | undefined {
  const value = Sealed.parse(JSON.parse(cipher.open(sealed)));
  return value.alias === alias && value.url === url ? value : undefined;
}

/** Tells a host by alias, address and login: a host that was changed, or added later, is another one. */
export const hostMark = ({
  alias,
  host,
  port,
  user,
}: Pick<HostView, 'alias' | 'host' | 'port' | 'user'>): string =>
  createHash('sha256')
    .update(JSON.stringify([alias, host, port, user]))
    .digest('base64url')
    .slice(0, 22);

/** The headers that log in to the API. INVALID_INPUT when a secret is missing for its auth_method. */
export function credentialHeaders(settings: ApiSettings, secrets: ApiSecrets): Record<string, string> {
  const { auth_method, auth_header_name, auth_scheme, htpasswd_user } = settings;
  const headers: Record<string, string> = {};
  if (auth_method === 'htpasswd' || auth_method === 'both') {
    if (htpasswd_user === undefined || secrets.htpasswd_pass === undefined)
      throw missing('htpasswd_user and htpasswd_pass');
    headers['authorization'] =
      `Basic ${Buffer.from(`${htpasswd_user}:${secrets.htpasswd_pass}`).toString('base64')}`;
  }
  if (auth_method === 'api_key' || auth_method === 'both') {
    if (secrets.api_key === undefined) throw missing('api_key');
    const name = auth_header_name.toLowerCase();
    if (name in headers)
      throw new FlotillaError('INVALID_INPUT', 'Key and password want the same header.', {
        hint: 'Set auth_header_name, e.g. X-API-Key.',
      });
    headers[name] = auth_scheme === '' ? secrets.api_key : `${auth_scheme} ${secrets.api_key}`;
  }
  return headers;
}

const missing = (what: string): FlotillaError =>
  new FlotillaError('INVALID_INPUT', `The auth_method of this API needs ${what}.`, {
    hint: 'Give it again with api_add; a changed url drops what was stored.',
  });
