import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createUser, type TestUser, whyNoUsers } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testProcess } from '../helpers/test-process.ts';
import { whySkipped } from '../helpers/vps-process.ts';

interface Logs {
  logs: { app: string; stream: string; lines: string[]; status: string; missing?: boolean }[];
}

const noUsers = whyNoUsers();
describe.skipIf(noUsers !== undefined)(`PM2 of another user${whySkipped(noUsers)}`, () => {
  const on = testProcess();
  let owner: TestUser;
  beforeAll(() => {
    owner = createUser({ home: `/srv/flotilla-pm2-${process.pid}` });
    // What its owner left there for root to run.
    const script = `mkdir -p .pm2/logs .pm2/pids .nvm/versions/node/v1/bin
sleep 600 >/dev/null 2>&1 & echo $! > .pm2/pm2.pid; echo mine > .pm2/logs/shop-out.log
printf '#!/bin/sh\\nid -u >> %s/who\\n' "$PWD" > .nvm/versions/node/v1/bin/pm2; chmod +x .nvm/versions/node/v1/bin/pm2; ln -s /etc/shadow .pm2/logs/evil-out.log`;
    execFileSync('su', ['-s', '/bin/sh', '-c', `cd ${owner.home} && ${script}`, owner.name]);
    chmodSync(owner.home, 0o755);
  });
  afterAll(() => {
    owner.remove();
    execFileSync('rm', ['-rf', owner.home]);
  });

  const who = (): string[] => readFileSync(join(owner.home, 'who'), 'utf8').trim().split('\n');

  test('its program is run as its owner, never as root; its logs are read as its owner', async () => {
    const { logs } = await on.row<Logs>('get_pm2_logs', { alias: 'web1' });
    expect(logs.find(({ app }) => app === 'shop')?.lines).toEqual(['mine']);
    expect(logs.find(({ app }) => app === 'evil')).toMatchObject({ missing: true, lines: [] });
    expect(who()).toEqual([String(owner.uid)]);
  });

  test('a folder of root in the home of a user does not make root run what is beside it', async () => {
    execFileSync('chown', ['-R', 'root', join(owner.home, '.pm2')]);
    await on.ok('get_services_status', { alias: 'web1', kinds: ['pm2'] });
    expect(who()).not.toContain('0');
  });
});

describe('a host without PM2', () => {
  const on = testProcess();
  test('says so: UNSUPPORTED', async () => {
    const failure = await on.fails('get_pm2_logs', { alias: 'web1' });
    expect(failure.code).toBe('UNSUPPORTED');
  });
});
