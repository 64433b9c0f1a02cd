import { defineTool, secret } from '@flotilla/core';
import { z } from 'zod';
import { credentialHeaders, hostMark } from '../lib/api/secrets.ts';
import { apiCatalogue } from '../lib/api/service.ts';
import { ApiAlias, ApiSettings, AuthMethod, HttpUrl, healthUrl, parseUrl } from '../lib/api/settings.ts';

const OneLine = z.string().regex(/^[^\r\n]*$/, 'one line');
const Secret = OneLine.min(1).max(8192);

export const apiAdd = defineTool({
  name: 'api_add',
  title: 'Add an API',
  description:
    'Registers an API by name, or replaces what is registered, so that api_check can tell whether it is up. ' +
    'Secrets are stored encrypted and never shown; those not given again stay, but a changed url drops them. ' +
    'Example: auth_method "api_key" with auth_header_name "X-API-Key" and auth_scheme "".',
  effect: 'write',
  openWorld: false,
  targets: () => undefined,
  input: z.object({
    alias: ApiAlias,
    url: HttpUrl.describe('Base address, http or https, without user and password'),
    health_check_endpoint: OneLine.max(2000)
      .optional()
      .describe('Path of the check below url, e.g. /health; default url itself'),
    health_check_method: z.enum(['GET', 'POST']).default('GET').describe('Method of the check'),
    auth_method: AuthMethod.default('none').describe(
      'How to log in: a key in a header, user and password (Basic), or both',
    ),
    api_key: secret(Secret).optional().describe('Key for api_key and both'),
    auth_header_name: z
      .string()
      .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'a header name')
      .max(100)
      .default('Authorization')
      .describe('Header that carries the key'),
    auth_scheme: z
      .string()
      .regex(/^[A-Za-z0-9._~+/-]*$/, 'one word')
      .max(50)
      .default('Bearer')
      .describe('Word before the key; "" for none'),
    htpasswd_user: OneLine.min(1)
      .max(200)
      .regex(/^[^:]*$/, 'no colon')
      .optional()
      .describe('User for htpasswd and both'),
    htpasswd_pass: secret(Secret).optional().describe('Password for htpasswd and both'),
    expected_status: z
      .number()
      .int()
      .min(100)
      .max(599)
      .optional()
      .describe('Status that means up; default 200–399'),
    expected_body: z
      .string()
      .min(1)
      .max(1000)
      .optional()
      .describe('Text that must be in the first 64 KiB of the answer'),
    timeout: z.number().min(0.1).max(120).default(10).describe('Seconds for the whole check'),
    notes: z.string().max(2000).optional().describe('What is worth knowing about it'),
  }),
  output: z.object({
    alias: z.string(),
    url: z.string(),
    created: z.boolean(),
    checks: z.string().describe('Address that is checked'),
    droppedSecrets: z.array(z.string()).describe('Secrets that were stored for another url'),
  }),
  run: async (context, { alias, api_key, htpasswd_pass, ...given }) => {
    const settings = ApiSettings.parse({ ...given, url: parseUrl(given.url).href });
    const target = healthUrl(settings);
    const catalogue = await context.use(apiCatalogue);
    const known = catalogue.list().find((entry) => entry.alias === alias);
    const kept = known?.settings.url === settings.url ? catalogue.secrets(alias) : undefined;
    // Says now, not at the next check, that something is missing.
    credentialHeaders(settings, {
      api_key: api_key ?? kept?.api_key,
      htpasswd_pass: htpasswd_pass ?? kept?.htpasswd_pass,
    });
    const hosts = knownHosts(() => context.hosts.resolve('all'));
    const { created, dropped } = await catalogue.save(alias, settings, { api_key, htpasswd_pass }, hosts);
    return { alias, url: settings.url, created, checks: target.href, droppedSecrets: dropped };
  },
  text: ({ alias, created, checks, droppedSecrets }) =>
    `${created ? 'Added' : 'Changed'} ${alias}; api_check looks at ${checks}.${droppedSecrets.length > 0 ? ` The url changed: ${droppedSecrets.join(' and ')} must be given again.` : ''}`,
});

/** Without any host there is none to trust. */
function knownHosts(all: () => Parameters<typeof hostMark>[0][]): string[] {
  try {
    return all().map(hostMark);
  } catch {
    return [];
  }
}
