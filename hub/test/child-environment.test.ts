import { expect, test } from 'vitest';
import { childEnvironment, ownChildEnvironment } from '../src/backend/remote/child-env.ts';

const HUB = {
  PATH: '/bin',
  HOME: '/home/x',
  LC_ALL: 'C.UTF-8',
  SHELLSHOCK: '() { :; }; echo',
  FLOTILLA_MASTER_KEY: 'k',
  FLOTILLA_HTTP_TOKEN: 't',
  FLOTILLA_HUB_SECRET: 's',
  FLOTILLA_DATA_DIR: '/elsewhere',
  MCP_SYNC_TIMEOUT_S: '5',
  SSH_AUTH_SOCK: '/agent',
  GITHUB_TOKEN: 'g',
  AWS_SECRET_ACCESS_KEY: 'a',
  NODE_OPTIONS: '--require evil',
  LD_PRELOAD: 'evil.so',
  EMPTY: undefined,
};

test('a third-party child gets nothing that grants access', () => {
  expect(childEnvironment(HUB)).toEqual({ PATH: '/bin', HOME: '/home/x', LC_ALL: 'C.UTF-8' });
});

test('what a person wrote into the config entry is added and wins', () => {
  expect(childEnvironment(HUB, { GITHUB_TOKEN: 'mine', PATH: '/opt' })).toEqual({
    PATH: '/opt',
    HOME: '/home/x',
    LC_ALL: 'C.UTF-8',
    GITHUB_TOKEN: 'mine',
  });
});

test('a server of ours also gets its settings and the data folder, not the front door of the hub', () => {
  expect(ownChildEnvironment(HUB, '/data')).toEqual({
    PATH: '/bin',
    HOME: '/home/x',
    LC_ALL: 'C.UTF-8',
    FLOTILLA_MASTER_KEY: 'k',
    FLOTILLA_DATA_DIR: '/data',
    MCP_SYNC_TIMEOUT_S: '5',
    SSH_AUTH_SOCK: '/agent',
  });
});
