import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  createUser,
  freePort,
  makeKey,
  startSshd,
  type TempDir,
  type TestSshd,
  type TestUser,
  tempDir,
  whyNoUsers,
} from '@flotilla/testkit';
import { serverMain, startStdio, type TestHome } from './hub.ts';

/** An address that nothing else of the tests binds, so that a free port of it stays free. */
const NOBODY = '127.88.0.1';

/** Why there is no login without rights and no small disk here; undefined when there are. */
export const whyNoRoot = (): string | undefined => whyNoUsers();

/** web1 is well; `closed`, `stranger` and `changed` are not; `limited` (only as root) logs in a user with few rights. */
export interface MatrixHosts {
  web1: TestSshd;
  /** What answers at the address of `changed` since its key was replaced. */
  impostor(): TestSshd;
  /** Folder on a disk of 1 MB, only as root. */
  smallDisk: string | undefined;
  /** Registers all of them in the data of the home folder, and pins the first key of `changed`. */
  register(homePath: string): Promise<void>;
  /** From now on `changed` has another host key, and the file that file_remove is asked to remove. */
  replaceKey(): Promise<void>;
  stop(): Promise<void>;
}

export async function startHosts(): Promise<MatrixHosts> {
  const [web1, first] = [await startSshd(), await startSshd()];
  let second: TestSshd | undefined;
  const { user, limited, disk } = await asRoot();
  const stranger = makeKey({ folder: web1.folder, name: 'id_stranger' });
  const login = makeKey({ folder: web1.folder, name: 'id_changed' });
  first.authorize(login.publicKey);
  const closedPort = await freePort(NOBODY);
  return {
    web1,
    impostor: () => second as TestSshd,
    smallDisk: disk?.path,
    register: async (path) => {
      const home = homeAt(path);
      const setup = await startStdio(home, [serverMain('ssh-exec')]);
      const add = (alias: string, { host, port, user }: TestSshd, key: string, more: object = {}) =>
        setup.ok('server_add', {
          alias,
          host,
          port,
          user,
          keyPath: home.addKey(key, `id_${alias}`),
          ...more,
        });
      await add('web1', web1, web1.keyPath);
      await add('changed', first, login.path);
      if (limited) await add('limited', limited, limited.keyPath);
      await add('closed', web1, web1.keyPath, { host: NOBODY, port: closedPort, verify: false });
      await add('stranger', web1, stranger.path, { verify: false });
      await setup.close();
    },
    replaceKey: async () => {
      await first.stop();
      second = await startSshd({ port: first.port });
      second.authorize(login.publicKey);
      writeFileSync(join(second.home, 'file_remove'), 'still here');
    },
    stop: async () => {
      for (const sshd of [web1, first, second, limited]) await sshd?.stop();
      user?.remove();
      if (disk) execFileSync('umount', ['-l', disk.path]);
      disk?.remove();
    },
  };
}

async function asRoot(): Promise<{ user?: TestUser; limited?: TestSshd; disk?: TempDir }> {
  if (whyNoRoot() !== undefined) return {};
  const user = createUser();
  const disk = tempDir('flotilla-small-');
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk.path]);
  return { user, disk, limited: await startSshd({ user: user.name }) };
}

/** A home folder that a hub or server of ours uses already. */
function homeAt(path: string): TestHome {
  const ssh = join(path, '.ssh');
  mkdirSync(ssh, { recursive: true, mode: 0o700 });
  return {
    path,
    env: { HOME: path, PATH: process.env['PATH'] ?? '', LOG_LEVEL: 'warn' },
    addKey: (key, name = 'id_test') => {
      const copy = join(ssh, name);
      copyFileSync(key, copy);
      chmodSync(copy, 0o600);
      return copy;
    },
    remove: () => undefined,
  };
}

/** Where a command that a name smuggled in would leave its file: relative to the login folder, or to HOME. */
export const harmAt = (sshd: TestSshd, name: string): string[] =>
  [sshd.home, homedir()].map((folder) => join(folder, name));
