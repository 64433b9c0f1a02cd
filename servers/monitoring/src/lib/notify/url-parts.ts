/** A URL taken apart by hand: tokens with colons (Telegram) are no host and port for a strict parser. */
export interface UrlParts {
  scheme: string;
  user?: string | undefined;
  password?: string | undefined;
  /** Lower case, without port. */
  host: string;
  port?: number | undefined;
  /** `host:port` as it was written. */
  authority: string;
  /** Decoded, without empty ones. */
  path: string[];
  rawPath: string;
  query: URLSearchParams;
  fragment: string;
}

const URL_FORM = /^([a-z][a-z0-9+.-]{1,20}):\/\/(?:([^@/?#]*)@)?([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/is;
const HOST_FORM = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]*?)(?::(\d{1,5}))?$/i;

export function parts(text: string): UrlParts | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: no URL may hold them
  if (text.length > 2_000 || /[\u0000-\u0020\u007f]/.test(text)) return undefined;
  const [, scheme = '', login, authority = '', rawPath = '', query = '', fragment = ''] =
    URL_FORM.exec(text) ?? [];
  if (scheme === '') return undefined;
  const colon = login?.indexOf(':') ?? -1;
  const user = login === undefined ? undefined : decode(colon < 0 ? login : login.slice(0, colon));
  const password = login === undefined || colon < 0 ? undefined : decode(login.slice(colon + 1));
  const [, host, port] = HOST_FORM.exec(authority) ?? [];
  return {
    scheme: scheme.toLowerCase(),
    user,
    password,
    host: (host ?? '').toLowerCase(),
    port: port === undefined ? undefined : Number(port),
    authority: decode(authority),
    path: rawPath.split('/').filter(Boolean).map(decode),
    rawPath,
    query: new URLSearchParams(query),
    fragment: decode(fragment),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
