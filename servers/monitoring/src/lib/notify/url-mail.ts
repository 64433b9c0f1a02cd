import type { MailTarget } from './target.ts';
import type { UrlParts } from './url-parts.ts';

const ADDRESS = /^[^\s@<>,;"]{1,64}@[A-Za-z0-9.[\]:_-]{1,255}$/;

/** `mailto(s)://user:pass@domain?smtp=host&to=…&from=…` (apprise), `smtp(s)://user:pass@host:port/?from=…&to=…` (shoutrrr). */
export function mailTarget(url: UrlParts): MailTarget | undefined {
  const { scheme, query, user, password, path } = url;
  const host = query.get('smtp') ?? url.host;
  const domain = url.host;
  const implicit = scheme === 'smtps' || query.get('mode') === 'ssl' || url.port === 465;
  const starttls =
    scheme === 'mailtos' || query.get('mode') === 'starttls' || query.get('usestarttls') === 'yes';
  const own = user?.includes('@') ? user : `${user ?? ''}@${domain}`;
  const named = [...path, ...(query.get('to') ?? query.get('toaddresses') ?? '').split(',')].map((one) =>
    one.trim(),
  );
  const to = named.filter(Boolean);
  const from = query.get('from') ?? query.get('fromaddress') ?? (user ? own : `flotilla@${domain}`);
  const recipients = to.length > 0 ? to : user ? [own] : [];
  if (host === '' || recipients.length === 0 || recipients.length > 20) return undefined;
  if (![...recipients, from].every((address) => ADDRESS.test(address))) return undefined;
  return {
    kind: 'mail',
    host,
    port: url.port ?? (implicit ? 465 : starttls ? 587 : 25),
    tls: implicit ? 'implicit' : starttls ? 'starttls' : 'opportunistic',
    ...(user !== undefined && password !== undefined && { login: { user, password } }),
    from,
    to: recipients,
    secrets: password ? [password] : [],
  };
}
