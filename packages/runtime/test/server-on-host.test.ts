import { existsSync } from 'node:fs';
import { startSshd, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serverOnHost } from '../src/testing/index.ts';
import { shellServer } from './worker/support/servers.ts';

let home = '';
let folder = '';
describe('a server on a host', () => {
  const on = serverOnHost(shellServer(), { beforeAll, afterAll }, startSshd);

  test('has the host web1, which its tools reach', async () => {
    expect(await on.ok('shell_now', { alias: 'web1', cmd: 'echo here' })).toMatchObject({ stdout: 'here\n' });
    const { alias } = await on.row<{ alias: string }>('server_list');
    expect(alias).toBe('web1');
    home = on.runtime.config.dataDir;
    folder = on.sshd.folder;
    expect([home, folder].map((path) => existsSync(path))).toEqual([true, true]);
  });

  test('has other hosts when they are added, then there is no only row', async () => {
    await on.addHost('web2', on.sshd, { groups: ['web'] });
    await expect(on.row('server_list')).rejects.toThrow('server_list has 2 rows');
    expect(await on.ok('shell_now', { alias: 'group:web', cmd: 'true' })).toMatchObject({ exitCode: 0 });
  });

  test('is another process after a restart, on the same hosts', async () => {
    const before = on.runtime;
    await on.restart();
    expect(on.runtime).not.toBe(before);
    await expect(on.ok('shell_now', { alias: 'web2', cmd: 'true' })).resolves.toBeDefined();
  });
});

test('leaves nothing behind', async () => {
  await waitFor(() => !existsSync(folder) && !existsSync(home));
  expect([home, folder].every((path) => path !== '')).toBe(true);
});
