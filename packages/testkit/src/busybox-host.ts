import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { startSshd, type TestSshd } from './sshd.ts';
import { createUser, type TestUser, whyNoUsers } from './system-user.ts';

export interface BusyboxHost extends TestSshd {
  /** Folder on this machine that is `/` there. */
  root: string;
}

export interface BusyboxOptions {
  config?: readonly string[];
  /** Applets the host does not have, e.g. `setsid` or `ps`. */
  without?: readonly string[];
}

const PROGRAMS = ['/bin/busybox', '/usr/bin/busybox'];

/** Why no busybox host can be made here; undefined when it can. */
export function whyNoBusybox(): string | undefined {
  const program = PROGRAMS.find((path) => existsSync(path));
  if (!program) return 'busybox is missing (apt-get install busybox-static)';
  const headers = readFileSync(program).subarray(0, 4096).toString('latin1');
  if (headers.includes('ld-linux') || headers.includes('ld-musl'))
    return 'busybox is not static (apt-get install busybox-static)';
  return whyNoUsers();
}

/** A host that has nothing but busybox: sshd puts its user into a chroot with applets, /proc and a few devices. */
export async function startBusyboxHost(options: BusyboxOptions = {}): Promise<BusyboxHost> {
  const reason = whyNoBusybox();
  if (reason) throw new Error(reason);
  // sshd wants every folder above a chroot to belong to root alone: /tmp does not.
  const root = mkdtempSync('/run/flotilla-busybox-');
  const user = createUser({ shell: '/bin/sh' });
  try {
    furnish(root, user, options.without ?? []);
    const sshd = await startSshd({
      user: user.name,
      config: [...(options.config ?? []), `ChrootDirectory ${root}`],
    });
    const { stop: stopSshd } = sshd;
    const stop = async (): Promise<void> => {
      await stopSshd();
      clear(root, user);
    };
    return Object.assign(sshd, { root, stop, home: user.home });
  } catch (error) {
    clear(root, user);
    throw error;
  }
}

function furnish(root: string, user: TestUser, without: readonly string[]): void {
  chmodSync(root, 0o755);
  for (const folder of ['bin', 'etc', 'proc', 'dev', 'dev/pts', 'var', 'run']) mkdirSync(join(root, folder));
  mkdirSync(join(root, 'tmp'));
  chmodSync(join(root, 'tmp'), 0o1777);
  execFileSync('cp', [PROGRAMS.find((path) => existsSync(path)) ?? '', join(root, 'bin/busybox')]);
  const applets = execFileSync(join(root, 'bin/busybox'), ['--list'], { encoding: 'utf8' })
    .trim()
    .split('\n');
  for (const applet of applets)
    if (applet !== 'busybox' && !without.includes(applet)) symlinkSync('busybox', join(root, 'bin', applet));
  appendFileSync(
    join(root, 'etc/passwd'),
    `root:x:0:0::/root:/bin/sh\n${user.name}:x:${user.uid}:${user.uid}::${user.home}:/bin/sh\n`,
  );
  appendFileSync(join(root, 'etc/group'), `root:x:0:\n${user.name}:x:${user.uid}:\n`);
  execFileSync('install', ['-d', '-m', '700', '-o', user.name, join(root, user.home)]);
  const devices: [string, string, string][] = [
    ['null', '1', '3'],
    ['zero', '1', '5'],
    ['random', '1', '8'],
    ['urandom', '1', '9'],
    ['tty', '5', '0'],
    ['ptmx', '5', '2'],
  ];
  for (const [name, major, minor] of devices)
    execFileSync('mknod', ['-m', '666', join(root, 'dev', name), 'c', major, minor]);
  execFileSync('mount', ['-t', 'proc', 'proc', join(root, 'proc')]);
  execFileSync('mount', ['--bind', '/dev/pts', join(root, 'dev/pts')]);
}

function clear(root: string, user: TestUser): void {
  user.remove();
  for (const folder of ['proc', 'dev/pts'])
    execFileSync(
      'sh',
      ['-c', 'umount "$1" 2>/dev/null || umount -l "$1" || true', 'sh', join(root, folder)],
      {
        stdio: 'ignore',
      },
    );
  if (readFileSync('/proc/mounts', 'utf8').includes(` ${root}/`)) throw new Error(`still mounted: ${root}`);
  rmSync(root, { recursive: true, force: true });
}
