import { FlotillaError, type Hosts } from '@flotilla/core';
import type { Dial } from '../probe/dial.ts';
import { type HttpFinding, probeHttp } from '../probe/http-probe.ts';
import { HUB } from '../probe/service.ts';
import type { ApiCatalogue, ApiEntry } from './catalogue.ts';
import { type ApiSecrets, credentialHeaders, hostMark } from './secrets.ts';
import { healthUrl } from './settings.ts';

export interface ApiCheckParts {
  catalogue: ApiCatalogue;
  hosts: Pick<Hosts, 'resolve'>;
  dial(from: string): Dial;
  signal: AbortSignal;
}

/** Checks an API of the catalogue from the hub or through a host, logging in as it asks. */
export async function checkApi(parts: ApiCheckParts, entry: ApiEntry, from: string): Promise<HttpFinding> {
  const { settings } = entry;
  const url = healthUrl(settings);
  const credentials = loginFor(parts, entry, url, from);
  const finding = await probeHttp(
    {
      url,
      method: settings.health_check_method,
      credentials,
      timeoutMs: settings.timeout * 1000,
      ...(settings.expected_status !== undefined && { expectedStatus: [settings.expected_status] }),
      expectedBody: settings.expected_body,
    },
    parts.dial(from),
    parts.signal,
  );
  await parts.catalogue.checked(entry.alias, {
    at: new Date().toISOString(),
    from,
    status: finding.failure ? 'DOWN' : 'UP',
    ...(finding.status !== undefined && { http_code: finding.status }),
    response_time_ms: finding.ms,
  });
  return finding;
}

/**
 * Over HTTPS a host only carries bytes it cannot read. Over plain HTTP it sees the secrets, so it must have been known,
 * at the same address, when they were given: otherwise a caller could add a host of its own and have them sent there.
 */
function loginFor(
  parts: ApiCheckParts,
  { alias, settings }: ApiEntry,
  url: URL,
  from: string,
): Record<string, string> {
  if (settings.auth_method === 'none') return {};
  const secrets: ApiSecrets & { hosts: readonly string[] } = parts.catalogue.secrets(alias) ?? { hosts: [] };
  const headers = credentialHeaders(settings, secrets);
  if (from === HUB || url.protocol === 'https:') return headers;
  const [host] = parts.hosts.resolve(from);
  if (host && secrets.hosts.includes(hostMark(host))) return headers;
  throw new FlotillaError('DENIED', `The secrets of ${alias} are not sent through ${from} over plain HTTP.`, {
    details: { alias, from },
    hint: 'That host was added or changed after they were stored. Give them again with api_add, use https, or check from the hub.',
  });
}
