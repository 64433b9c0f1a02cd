import { FlotillaError } from '@flotilla/core';
import { z } from 'zod';

export const ApiAlias = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'letters, digits, dot, dash and underscore, at most 63')
  .describe('Name of the API');

export const HttpUrl = z
  .string()
  .min(1)
  .max(2000)
  .regex(/^https?:\/\//i, 'an http or https URL');

export const AuthMethod = z.enum(['none', 'api_key', 'htpasswd', 'both']);

/** What is known of an API besides its secrets; the names of the arguments of api_add. */
export const ApiSettings = z.object({
  url: z.string(),
  health_check_endpoint: z.string().optional(),
  health_check_method: z.enum(['GET', 'POST']),
  auth_method: AuthMethod,
  auth_header_name: z.string(),
  auth_scheme: z.string(),
  htpasswd_user: z.string().optional(),
  expected_status: z.number().int().optional(),
  expected_body: z.string().optional(),
  timeout: z.number(),
  notes: z.string().optional(),
});
export type ApiSettings = z.infer<typeof ApiSettings>;

/** INVALID_INPUT for what is no http address, or holds a password: that has fields of its own. */
export function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '')
    throw new FlotillaError('INVALID_INPUT', 'url is not an http or https address.', {
      hint: 'Example: https://api.example.com',
    });
  if (url.username !== '' || url.password !== '')
    throw new FlotillaError('INVALID_INPUT', 'url holds a user or password.', {
      hint: 'Give them as htpasswd_user and htpasswd_pass of api_add, where they are encrypted.',
    });
  return url;
}

/** Where the health check goes: always on the API's own origin, so that its secrets go nowhere else. */
export function healthUrl({
  url,
  health_check_endpoint,
}: Pick<ApiSettings, 'url' | 'health_check_endpoint'>): URL {
  const base = parseUrl(url);
  if (health_check_endpoint === undefined || health_check_endpoint === '') return base;
  const path = health_check_endpoint.startsWith('/') ? health_check_endpoint : `/${health_check_endpoint}`;
  const prefix = base.pathname.replace(/\/$/, '');
  const full = `${base.origin}${prefix}${path}`;
  const target = URL.canParse(full) ? new URL(full) : undefined;
  if (target?.origin !== base.origin || target.username !== '')
    throw new FlotillaError('INVALID_INPUT', 'health_check_endpoint is not a path of that API.', {
      hint: 'Give a path such as /health; another address is another API.',
    });
  return target;
}
