import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { makeKey, startSshd, tempDir } from '@flotilla/testkit';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { failureOf, useFleet } from '../support/fleet.ts';
import { addHost } from '../support/hub.ts';

const fleet = useFleet();
const files = (): string => join(fleet.home.path, '.config', 'flotilla', 'files');
const mayMount = userInfo().uid === 0;

beforeAll(() => {
  mkdirSync(files(), { recursive: true, mode: 0o700 });
  writeFileSync(join(files(), 'big'), Buffer.alloc(2 * 1024 * 1024, 'x'));
});

const transfer = (args: Record<string, unknown>) =>
  fleet.hub.call('task_transfer', { alias: 'web1', direction: 'upload', local: 'big', ...args });

test.skipIf(!mayMount)(
  `TRANSFER_FAILED: a full disk at the far end${mayMount ? '' : ' (needs root, to mount a small tmpfs)'}`,
  async () => {
    const disk = tempDir('flotilla-small-');
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk.path]);
    onTestFinished(() => {
      execFileSync('umount', ['-l', disk.path]);
      disk.remove();
    });
    const { details } = failureOf(await transfer({ remote: join(disk.path, 'big') }), 'TRANSFER_FAILED');
    expect(details).toMatchObject({ cause: 'disk_full' });
    expect(readdirSync(disk.path)).toEqual([]);
    expect((await transfer({ remote: join(fleet.sshd.home, 'big') })).isError ?? false).toBe(false);
  },
);

describe('hosts that files cannot go to', () => {
  test('AUTH_FAILED: a key that is not admitted', async () => {
    const stranger = makeKey({ folder: join(fleet.home.path, '.ssh'), name: 'id_stranger' });
    const { host, port, user } = fleet.sshd;
    await fleet.hub.ok('server_add', {
      ...{ alias: 'stranger', host, port, user, keyPath: stranger.path, verify: false },
    });
    for (const [tool, args] of [
      ['task_transfer', { direction: 'upload', local: 'big', remote: 'big' }],
      ['task_transfer_multi', { direction: 'upload', files: [{ local: 'big', remote: 'big' }] }],
      ['file_list', { path: '/' }],
    ] as const)
      failureOf(await fleet.hub.call(tool, { alias: 'stranger', ...args }), 'AUTH_FAILED');
  });

  test('HOST_KEY_MISMATCH: another key than before, and nothing is written', async () => {
    const first = await startSshd();
    await addHost(fleet.hub, fleet.home, first, 'moved');
    await first.stop();
    const second = await startSshd({ port: first.port });
    onTestFinished(() => second.stop());
    const answer = await transfer({ alias: 'moved', remote: join(second.home, 'big') });
    failureOf(answer, 'HOST_KEY_MISMATCH');
    expect(readdirSync(second.home)).not.toContain('big');
  });
});
