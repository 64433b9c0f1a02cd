import { loadConfig } from '@flotilla/core/config';
import { describe, expect, it } from 'vitest';

function load(env: Record<string, string>, files: Record<string, string> = {}) {
  const secrets: string[] = [];
  const config = loadConfig({
    env,
    homedir: '/home/me',
    onSecret: (value) => secrets.push(value),
    readFile: async (path) => {
      const content = files[path];
      if (content === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' });
      return content;
    },
  });
  return config.then(({ jobs }) => ({ redis: jobs.redis, secrets }));
}

const refusal = async (env: Record<string, string>, files: Record<string, string> = {}): Promise<string> =>
  load(env, files).then(
    () => 'accepted',
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  );

describe('the Redis of the queue', () => {
  it('is absent by default', async () => {
    expect(await load({})).toEqual({ redis: undefined, secrets: [] });
  });

  it('is a URL; its password is kept apart and masked from then on', async () => {
    const { redis, secrets } = await load({
      FLOTILLA_REDIS_URL: 'rediss://worker:p%40ss%2Fword@queue:6380/2',
    });
    expect(redis).toEqual({ url: 'rediss://worker@queue:6380/2', password: 'p@ss/word' });
    expect(secrets).toEqual(['p@ss/word', 'p%40ss%2Fword']);
  });

  it('may be in files, as containers get their secrets', async () => {
    const files = { '/run/secrets/url': 'redis://queue:6379\n', '/run/secrets/password': 'from-a-file\n' };
    const env = {
      FLOTILLA_REDIS_URL_FILE: '/run/secrets/url',
      FLOTILLA_REDIS_PASSWORD_FILE: '/run/secrets/password',
    };
    expect((await load(env, files)).redis).toEqual({ url: 'redis://queue:6379', password: 'from-a-file' });
  });

  it('may stand in the config file, behind the environment', async () => {
    const file = '/home/me/.config/flotilla/config.json';
    const content = JSON.stringify({
      jobs: { redisUrl: `redis://:${'$'}{env:PASS}@a`, redisPasswordFile: '~/p' },
    });
    const files = { [file]: content, '/home/me/p': 'stronger' };
    expect((await load({ PASS: 'weak' }, files)).redis).toEqual({ url: 'redis://a', password: 'stronger' });
    const env = { PASS: 'weak', FLOTILLA_REDIS_URL: 'redis://b' };
    expect((await load(env, files)).redis?.url).toBe('redis://b');
  });

  it.each(['http://queue', 'redis://', 'queue:6379', 'redis://:secret@queue/two'])(
    'is refused as %s without being repeated',
    async (url) => {
      const said = await refusal({ FLOTILLA_REDIS_URL: url });
      expect(said).toBe('INVALID_INPUT: FLOTILLA_REDIS_URL is not the URL of a Redis.');
    },
  );

  it('names the variable whose file is missing or empty', async () => {
    const env = { FLOTILLA_REDIS_URL: 'redis://a', FLOTILLA_REDIS_PASSWORD_FILE: '/none' };
    const expected =
      'INVALID_INPUT: FLOTILLA_REDIS_PASSWORD_FILE names /none, which does not exist or is empty.';
    expect(await refusal(env)).toBe(expected);
    expect(await refusal(env, { '/none': '\n' })).toBe(expected);
  });
});
