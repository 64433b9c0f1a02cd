import type { Target } from './target.ts';
import type { UrlParts } from './url-parts.ts';

const TOKEN = /^[A-Za-z0-9_-]{1,200}$/;

/** `slack://`, `discord://`, `tgram://` in the forms of apprise and shoutrrr. */
export function serviceTarget(url: UrlParts): Target | undefined {
  if (url.scheme === 'slack') return slack(url);
  return url.scheme === 'discord' ? discord(url) : telegram(url);
}

/** `slack://T…/B…/C…` or `slack://hook:T…-B…-C…@webhook`. */
function slack({ password, authority, path, fragment, host }: UrlParts): Target | undefined {
  const tokens = host === 'webhook' ? (password ?? '').split('-') : [authority, ...path].slice(0, 3);
  if (tokens.length !== 3 || !tokens.every((token) => TOKEN.test(token))) return undefined;
  const channel = fragment;
  return {
    kind: 'slack',
    tokens: tokens.join('/'),
    ...(channel && { channel: `#${channel}` }),
    secrets: [tokens[2] ?? '', tokens.join('/')],
  };
}

/** `discord://ID/TOKEN` (apprise) or `discord://TOKEN@ID` (shoutrrr). */
function discord({ user, authority, path }: UrlParts): Target | undefined {
  const [id, token] = user === undefined ? [authority, path[0] ?? ''] : [authority, user];
  if (!/^\d{5,25}$/.test(id) || !TOKEN.test(token)) return undefined;
  return { kind: 'discord', id, token, secrets: [token] };
}

/** `tgram://123:ABC/CHAT` (apprise) or `telegram://123:ABC@telegram?chats=…` (shoutrrr). */
function telegram({ user, password, authority, path, query }: UrlParts): Target | undefined {
  const token = user === undefined ? authority : `${user}:${password ?? ''}`;
  const chat = path[0] ?? query.get('chats')?.split(',')[0] ?? '';
  if (!/^\d{3,20}:[A-Za-z0-9_-]{6,100}$/.test(token) || !/^(?:-?\d{1,20}|@[A-Za-z0-9_]{3,40})$/.test(chat))
    return undefined;
  return { kind: 'telegram', token, chat, secrets: [token, token.split(':')[1] ?? ''] };
}
