import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/index.ts';

const DATA = '/home/someone/.config/flotilla';
const load = (env: Record<string, string>, file?: object) =>
  loadConfig({
    env,
    homedir: '/home/someone',
    readFile: async (path) => {
      if (file !== undefined && path === `${DATA}/config.json`) return JSON.stringify(file);
      throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    },
  });

describe('workers', () => {
  it('come from the file and the environment, which wins', async () => {
    const file = {
      workers: {
        tokensDir: '~/tokens',
        hubUrl: 'http://hub:7722',
        tokenFile: '/run/token',
        labels: ['office'],
        drainMs: 5,
      },
    };
    expect((await load({}, file)).workers).toEqual({
      tokensDir: '/home/someone/tokens',
      hubUrl: 'http://hub:7722',
      tokenFile: '/run/token',
      labels: ['office'],
      drainMs: 5,
    });
    const env = {
      FLOTILLA_HUB_URL: 'https://other',
      FLOTILLA_WORKER_TOKEN: 'the-token',
      FLOTILLA_WORKER_LABELS: 'dmz, lan,',
      FLOTILLA_DRAIN_MS: '7',
      FLOTILLA_WORKER_TOKENS_DIR: '/t',
    };
    expect((await load(env, file)).workers).toMatchObject({
      hubUrl: 'https://other',
      token: 'the-token',
      labels: ['dmz', 'lan'],
      drainMs: 7,
      tokensDir: '/t',
    });
  });

  it('are refused when they cannot be', async () => {
    for (const env of [
      { FLOTILLA_HUB_URL: 'hub:7722' },
      { FLOTILLA_WORKER_LABELS: 'a,b,c,d,e' },
      { FLOTILLA_WORKER_LABELS: 'Office' },
      { FLOTILLA_WORKER_TOKEN_FILE: 'relative' },
    ])
      await expect(load(env)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});

describe('a mount that workers carry out', () => {
  it('has a url at most', async () => {
    const url = 'http://docker:7700/mcp';
    const { mounts } = await load(
      {},
      { mcpServers: { docker: { worker: true, url }, sftp: { worker: true } } },
    );
    expect(mounts).toEqual([
      { kind: 'worker', name: 'docker', disabled: false, headers: {}, url },
      { kind: 'worker', name: 'sftp', disabled: false, headers: {} },
    ]);
    for (const more of [{ command: 'x' }, { builtin: 'sftp' }])
      await expect(load({}, { mcpServers: { docker: { worker: true, ...more } } })).rejects.toMatchObject({
        code: 'INVALID_INPUT',
      });
  });

  it('is an ordinary one with worker false', async () => {
    const { mounts } = await load({}, { mcpServers: { docker: { worker: false } } });
    expect(mounts).toMatchObject([{ kind: 'builtin' }]);
  });
});

describe('names under which a server is reached', () => {
  it('may come from the environment', async () => {
    const { http } = await load({ FLOTILLA_HTTP_ALLOWED_HOSTS: 'hub, hub.example.net' });
    expect(http.allowedHosts).toEqual(['hub', 'hub.example.net']);
  });
});
