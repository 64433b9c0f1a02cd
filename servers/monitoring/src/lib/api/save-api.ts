import type { ToolContext } from '@flotilla/core';
import type { ApiInput } from './api-input.ts';
import { type ApiSecrets, credentialHeaders, hostMark } from './secrets.ts';
import { apiCatalogue } from './service.ts';
import { ApiSettings, healthUrl, parseUrl } from './settings.ts';

interface CheckedApi {
  settings: ApiSettings;
  secrets: ApiSecrets;
  /** Address of the health check. */
  target: URL;
}

/** INVALID_INPUT now, not at the next check, when an address is none or a secret is missing; `kept` is what is stored for it. */
export function checkApiInput(
  { api_key, htpasswd_pass, ...given }: ApiInput,
  kept: (settings: ApiSettings) => ApiSecrets | undefined,
): CheckedApi {
  const settings = ApiSettings.parse({ ...given, url: parseUrl(given.url).href });
  const target = healthUrl(settings);
  const old = kept(settings);
  credentialHeaders(settings, {
    api_key: api_key ?? old?.api_key,
    htpasswd_pass: htpasswd_pass ?? old?.htpasswd_pass,
  });
  return { settings, secrets: { api_key, htpasswd_pass }, target };
}

/** Stores an API, its secrets encrypted; those not given stay, unless the url changed. */
export async function saveApi(context: Pick<ToolContext, 'use' | 'hosts'>, alias: string, input: ApiInput) {
  const catalogue = await context.use(apiCatalogue);
  const known = catalogue.list().find((entry) => entry.alias === alias);
  const { settings, secrets, target } = checkApiInput(input, ({ url }) =>
    known?.settings.url === url ? catalogue.secrets(alias) : undefined,
  );
  const hosts = knownHosts(() => context.hosts.resolve('all'));
  return { ...(await catalogue.save(alias, settings, secrets, hosts)), url: settings.url, target };
}

/** Without any host there is none to trust. */
function knownHosts(all: () => Parameters<typeof hostMark>[0][]): string[] {
  try {
    return all().map(hostMark);
  } catch {
    return [];
  }
}
