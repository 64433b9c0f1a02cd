import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';

export interface UserOptions {
  /** Login shell, default /bin/sh. */
  shell?: string;
  /** Home folder; default a new one. */
  home?: string;
  groups?: readonly string[];
}

export interface TestUser {
  name: string;
  password: string;
  home: string;
  uid: number;
  /** Ends its processes and removes the user and its home. */
  remove(): void;
}

/** Why throw-away system users cannot be made here; undefined when they can. */
export function whyNoUsers(): string | undefined {
  if (userInfo().uid !== 0) return 'system users can only be made as root';
  try {
    execFileSync('sh', ['-c', 'command -v useradd chpasswd userdel'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'useradd, userdel and chpasswd are missing (apt-get install passwd)';
  }
}

/** A throw-away system user with a random password. */
export function createUser(options: UserOptions = {}): TestUser {
  const reason = whyNoUsers();
  if (reason) throw new Error(reason);
  const name = `flt${randomBytes(4).toString('hex')}`;
  const password = `pw-${randomBytes(9).toString('base64url')}`;
  const home = options.home ?? `/tmp/flotilla-home-${name}`;
  const groups = options.groups?.length ? ['-G', options.groups.join(',')] : [];
  retryLocked('useradd', ['-M', '-d', home, '-s', options.shell ?? '/bin/sh', ...groups, name]);
  execFileSync('install', ['-d', '-m', '700', '-o', name, home]);
  execFileSync('chpasswd', { input: `${name}:${password}\n`, stdio: ['pipe', 'ignore', 'inherit'] });
  const uid = Number(execFileSync('id', ['-u', name], { encoding: 'utf8' }));
  return { name, password, home, uid, remove: () => removeUser(name, uid, options.home ? undefined : home) };
}

function removeUser(name: string, uid: number, home: string | undefined): void {
  if (!(uid >= 1000)) throw new Error(`${name} has the user id ${uid}: not one of ours`);
  execFileSync('sh', ['-c', 'pkill -KILL -U "$1" || true', 'sh', String(uid)], { stdio: 'ignore' });
  retryLocked('userdel', ['-f', name]);
  if (home) execFileSync('rm', ['-rf', '--', home]);
}

/** The user database has one lock: another test may hold it for a moment (exit codes 1 and 10). */
function retryLocked(program: string, args: readonly string[]): void {
  const script = 'for n in 1 2 3 4 5 6 7 8 9 10; do "$@" && exit 0; sleep 0.2; done; exit 1';
  execFileSync('sh', ['-c', script, 'sh', program, ...args], { stdio: 'ignore' });
}
