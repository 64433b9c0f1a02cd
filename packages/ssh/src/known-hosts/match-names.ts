import { createHmac, timingSafeEqual } from 'node:crypto';

/** The name under which a host is listed: the host alone on port 22, else `[host]:port`. */
export function listedName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** Whether the names of an entry (patterns with `*`, `?` and `!`, or a hashed name) cover a listed name. */
export function matchesNames(names: string, name: string): boolean {
  if (names.startsWith('|')) return matchesHash(names, name);
  let matched = false;
  for (const pattern of names.split(',')) {
    const negated = pattern.startsWith('!');
    if (!matchesPattern((negated ? pattern.slice(1) : pattern).toLowerCase(), name)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

/** `|1|base64 salt|base64 HMAC-SHA1 of the name` */
function matchesHash(hashed: string, name: string): boolean {
  const [, version, salt, hash, ...rest] = hashed.split('|');
  if (version !== '1' || !salt || !hash || rest.length > 0) return false;
  const expected = Buffer.from(hash, 'base64');
  const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** `*` = any characters, `?` = one. In time proportional to the product of the lengths, whatever the pattern. */
function matchesPattern(pattern: string, name: string): boolean {
  let star = -1;
  let resume = 0;
  let at = 0;
  let index = 0;
  while (index < name.length) {
    if (pattern[at] === '*') {
      star = at++;
      resume = index;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === name[index])) {
      at++;
      index++;
    } else if (star >= 0) {
      at = star + 1;
      index = ++resume;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}
