import { isIP } from 'node:net';
import { FlotillaError } from '@flotilla/core';
import type { RedisOptions } from 'ioredis';

/** Where Redis is, taken apart so that its password is in no text. */
export interface RedisTarget {
  /** `host:port/db`: what may be shown. */
  name: string;
  options: Pick<RedisOptions, 'host' | 'port' | 'db' | 'username' | 'password' | 'tls'>;
}

/**
 * `redis://[user[:password]@]host[:port][/db]`, or `rediss://` for TLS (IANA URI schemes `redis` and `rediss`). A
 * `password` beside the URL comes first. INVALID_INPUT, which never repeats the URL.
 */
export function parseRedisUrl(text: string, password?: string): RedisTarget {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const db = url?.pathname.replace(/^\//, '') ?? '';
  if (!url || !/^rediss?:$/.test(url.protocol) || url.hostname === '' || !/^\d{0,5}$/.test(db)) {
    throw new FlotillaError('INVALID_INPUT', 'The Redis URL is not valid.', {
      hint: 'Write it as redis://[USER:PASSWORD@]HOST[:PORT][/DB], or rediss:// for TLS.',
    });
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? 6379 : Number(url.port);
  const secret = password ?? decodeURIComponent(url.password);
  return {
    name: `${url.hostname}:${port}/${Number(db)}`,
    options: {
      host,
      port,
      db: Number(db),
      ...(url.username !== '' && { username: decodeURIComponent(url.username) }),
      ...(secret !== '' && { password: secret }),
      ...(url.protocol === 'rediss:' && { tls: isIP(host) ? {} : { servername: host } }),
    },
  };
}
