import type { Login, Target } from './target.ts';
import type { UrlParts } from './url-parts.ts';

const SECURE = new Set(['ntfys', 'gotifys', 'jsons', 'https', 'alertmanagers']);

/** Notifiers with a base URL of their own. */
export function webTarget(url: UrlParts): Target | undefined {
  const { scheme, path } = url;
  if (scheme === 'healthchecks') return healthchecks(url);
  if (scheme.startsWith('ntfy')) return ntfy(url);
  const base = baseOf(url);
  if (base === undefined) return undefined;
  if (scheme.startsWith('gotify')) {
    const token = path.at(-1);
    if (token === undefined) return undefined;
    return { kind: 'gotify', url: join(base, path.slice(0, -1)), token, secrets: [token] };
  }
  const login = loginOf(url);
  const secrets = secretsOf(url, login);
  if (scheme.startsWith('alertmanager'))
    return { kind: 'alertmanager', url: join(base, path), login, secrets };
  const service = known(url);
  if (service) return service;
  const query = url.query.size > 0 ? `?${url.query}` : '';
  return { kind: 'webhook', url: `${base}${url.rawPath || '/'}${query}`, login, secrets };
}

/** Pasted as the service shows it. */
function known({ scheme, host, path }: UrlParts): Target | undefined {
  if (scheme !== 'https') return undefined;
  if (host === 'hooks.slack.com' && path[0] === 'services' && path.length === 4) {
    const tokens = path.slice(1).join('/');
    return { kind: 'slack', tokens, secrets: [path[3] ?? '', tokens] };
  }
  const [api, hooks, id, token] = path;
  if (/^(?:www\.)?discord(?:app)?\.com$/.test(host) && api === 'api' && hooks === 'webhooks' && id && token)
    return { kind: 'discord', id, token, secrets: [token] };
  return undefined;
}

function ntfy(url: UrlParts): Target | undefined {
  const login = loginOf(url);
  const [topic] = url.path;
  const cloud = topic === undefined;
  const name = topic ?? url.authority;
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) return undefined;
  const base = cloud ? 'https://ntfy.sh' : baseOf(url);
  return base === undefined
    ? undefined
    : {
        kind: 'ntfy',
        url: base,
        topic: name,
        login,
        secrets: [...(name.length >= 12 ? [name] : []), ...secretsOf(url, login)],
      };
}

/** `healthchecks://UUID` at hc-ping.com, `healthchecks://host[:port]/ping/UUID` elsewhere, `?tls=no` without TLS. */
function healthchecks(url: UrlParts): Target | undefined {
  const id = url.path.at(-1) ?? url.authority;
  if (!/^[A-Za-z0-9_-]{4,100}$/.test(id)) return undefined;
  if (url.path.length === 0) return { kind: 'healthchecks', url: `https://hc-ping.com/${id}`, secrets: [id] };
  const base = baseOf({ ...url, scheme: url.query.get('tls') === 'no' ? 'http' : 'https' });
  return base === undefined ? undefined : { kind: 'healthchecks', url: join(base, url.path), secrets: [id] };
}

function baseOf({ scheme, host, port }: UrlParts): string | undefined {
  if (host === '' || (port !== undefined && (port < 1 || port > 65_535))) return undefined;
  return `${SECURE.has(scheme) ? 'https' : 'http'}://${host}${port === undefined ? '' : `:${port}`}`;
}

const join = (base: string, path: readonly string[]): string =>
  [base, ...path.map(encodeURIComponent)].join('/');

const loginOf = ({ user, password }: UrlParts): Login | undefined =>
  user === undefined ? undefined : { user, password: password ?? '' };

/** A path may be a capability: its long parts are masked as well. */
function secretsOf({ path, query }: UrlParts, login: Login | undefined): string[] {
  const long = [...path, ...query.values()].filter((part) => part.length >= 16);
  return [...(login?.password ? [login.password] : []), ...long];
}
