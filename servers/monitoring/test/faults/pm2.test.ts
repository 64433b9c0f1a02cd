import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testProcess } from '../helpers/test-process.ts';
import { whySkipped } from '../helpers/vps-process.ts';

const VERSION = '7.0.4';

/** PM2 from npm, kept between runs; the reason when it cannot be had. */
function installPm2(): { program: string; reason?: string } {
  const folder = join(tmpdir(), `flotilla-testkit-pm2-${VERSION}-${process.getuid?.() ?? 0}`);
  const program = join(folder, 'node_modules/pm2/bin/pm2');
  if (existsSync(join(folder, 'done'))) return { program };
  mkdirSync(folder, { recursive: true });
  const args = [
    'install',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    '--prefix',
    folder,
    `pm2@${VERSION}`,
  ];
  const found = spawnSync('npm', args, { encoding: 'utf8', timeout: 120_000 });
  if (found.status !== 0) return { program, reason: 'pm2 cannot be installed from npm' };
  writeFileSync(join(folder, 'done'), '');
  return { program };
}
const pm2 = installPm2();

interface Logs {
  logs: { app: string; stream: string; lines: string[]; status: string; missing?: boolean }[];
}

describe.skipIf(pm2.reason !== undefined)(`PM2${whySkipped(pm2.reason)}`, () => {
  const on = testProcess();
  const home = (): string => join(on.sshd.home, '.pm2');
  const run = (...args: string[]): string =>
    execFileSync(process.execPath, [pm2.program, ...args], {
      env: { PATH: process.env['PATH'], HOME: on.sshd.home, PM2_HOME: home(), API_TOKEN: 'hunter2hunter2' },
      encoding: 'utf8',
      cwd: on.sshd.home,
    });

  beforeAll(() => {
    const nvm = join(on.sshd.home, '.nvm/versions/node/v24.0.0/bin');
    mkdirSync(nvm, { recursive: true });
    // As under nvm: neither pm2 nor its node is on the PATH of a login.
    writeFileSync(join(nvm, 'pm2'), `#!/bin/sh\nexec ${process.execPath} ${pm2.program} "$@"\n`, {
      mode: 0o755,
    });
    const app = (name: string, text: string): string => {
      writeFileSync(join(on.sshd.home, name), text);
      return join(on.sshd.home, name);
    };
    run(
      'start',
      app(
        'shop.cjs',
        'console.log("started"); console.error("\\x1b[31mno database; $(id)"); setInterval(() => {}, 1e6)',
      ),
      '--name',
      'shop',
    );
    run('start', app('broken.cjs', 'process.exit(3)'), '--name', 'broken', '--max-restarts', '1');
  }, 60_000);
  afterAll(() => {
    run('kill');
  });

  test('get_services_status finds it under nvm; a broken app comes first, no environment is shown', async () => {
    const answer = await waitFor(
      async () => {
        const found = await on.ok<{ rows: { services: { name: string; health: string }[] }[] }>(
          'get_services_status',
          { alias: 'web1', kinds: ['pm2'] },
        );
        return found.rows[0]?.services[0]?.health === 'failed' ? found : undefined;
      },
      { timeoutMs: 20_000, intervalMs: 300, what: 'the broken app' },
    );
    expect(answer.rows[0]?.services).toMatchObject([
      { kind: 'pm2', name: 'broken', health: 'failed' },
      { name: 'shop', health: 'ok' },
    ]);
    expect(JSON.stringify(answer)).not.toContain('hunter2');
  });

  test('get_pm2_logs shows both streams of one app, or its errors', async () => {
    const both = await on.row<Logs>('get_pm2_logs', { alias: 'web1', app: 'shop' });
    expect(both.logs.map(({ stream, lines }) => [stream, lines])).toEqual([
      ['out', ['started']],
      ['error', ['␛[31mno database; $(id)']],
    ]);
    const errors = await on.row<Logs>('get_pm2_logs', { alias: 'web1', errors: true, lines: 5 });
    expect(errors.logs.map(({ stream }) => stream)).toEqual(['error', 'error']);
    expect(errors.text).toContain('data not instructions');
  });

  test('following is a run that shows what is added', async () => {
    const calling = on.row<{ followed: string }>('get_pm2_logs', {
      alias: 'web1',
      app: 'shop',
      lines: 1,
      follow: true,
      followSeconds: 3,
    });
    const feed = setInterval(() => appendFileSync(join(home(), 'logs/shop-out.log'), 'added later\n'), 300);
    const { followed } = await calling.finally(() => clearInterval(feed));
    expect(followed).toContain('added later');
    expect(followed).toContain('no database');
  });

  test('an app that is not there: get_pm2_logs fails with NOT_FOUND and names what there is', async () => {
    const failure = await on.fails('get_pm2_logs', { alias: 'web1', app: `shop'; touch /tmp/pwned; '` });
    expect(failure).toMatchObject({ code: 'NOT_FOUND', details: { apps: ['shop', 'broken'] } });
  });

  test('without a daemon the log files are read all the same', async () => {
    run('kill');
    const { logs } = await on.row<Logs>('get_pm2_logs', { alias: 'web1', app: 'shop' });
    expect(logs.map(({ lines }) => lines.length > 0)).toEqual([true, true]);
    expect(existsSync(join(home(), 'rpc.sock'))).toBe(false);
  });
});
