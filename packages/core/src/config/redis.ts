import { FlotillaError } from '../errors.ts';
import { absolutePath } from './paths.ts';
import type { ConfigFile } from './schema.ts';
import type { FlotillaConfig } from './types.ts';
import type { readVariables } from './variables.ts';

interface RedisSources {
  file: ConfigFile;
  variables: ReturnType<typeof readVariables>;
  homedir: string;
  /** Undefined: there is no such file. */
  read(path: string): Promise<string | undefined>;
  onSecret?: ((value: string) => void) | undefined;
}

/**
 * Where the queue's Redis is, its password apart from it. The URL stands in FLOTILLA_REDIS_URL, in the file named by
 * FLOTILLA_REDIS_URL_FILE or in the config; the password in the URL or in the file of FLOTILLA_REDIS_PASSWORD_FILE.
 */
export async function redisOf(sources: RedisSources): Promise<FlotillaConfig['jobs']['redis']> {
  const { file, variables, onSecret } = sources;
  const url =
    variables.text('REDIS_URL') ??
    (await content(sources, 'FLOTILLA_REDIS_URL_FILE', variables.text('REDIS_URL_FILE'))) ??
    file.jobs?.redisUrl;
  if (url === undefined) return undefined;
  const passwordFile = variables.text('REDIS_PASSWORD_FILE') ?? file.jobs?.redisPasswordFile;
  const { bare, password: inUrl } = takeApart(url);
  const password = (await content(sources, 'FLOTILLA_REDIS_PASSWORD_FILE', passwordFile)) ?? inUrl;
  if (password !== undefined) {
    onSecret?.(password);
    onSecret?.(encodeURIComponent(password));
  }
  return { url: bare, ...(password !== undefined && { password }) };
}

async function content({ read, homedir }: RedisSources, name: string, path: string | undefined) {
  if (path === undefined) return undefined;
  const absolute = absolutePath(path, homedir, name);
  const text = (await read(absolute))?.trim();
  if (text) return text;
  throw new FlotillaError('INVALID_INPUT', `${name} names ${absolute}, which does not exist or is empty.`);
}

/** Never repeats the URL: it may hold a password. */
function takeApart(text: string): { bare: string; password?: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^rediss?:$/.test(url.protocol) || url.hostname === '' || !/^(\/\d{0,5})?$/.test(url.pathname))
    throw new FlotillaError('INVALID_INPUT', 'FLOTILLA_REDIS_URL is not the URL of a Redis.', {
      hint: 'Write it as redis://[USER:PASSWORD@]HOST[:PORT][/DB], or rediss:// for TLS.',
    });
  const { password } = url;
  url.password = '';
  return { bare: url.href, ...(password !== '' && { password: decodeURIComponent(password) }) };
}
