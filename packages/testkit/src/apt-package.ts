import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';

const FOLDERS = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/sbin', '/usr/local/bin'];
const asked = new Map<string, string | undefined>();

const present = (program: string): boolean => FOLDERS.some((folder) => existsSync(`${folder}/${program}`));

/**
 * Why a program cannot be had here; undefined when it is there. As root on Debian or Ubuntu a missing one is
 * installed, once per process: for heavy peers of a few tests, which not every run of the tests should need.
 */
export function whyNoProgram(program: string, name: string): string | undefined {
  if (present(program)) return undefined;
  if (!asked.has(program)) asked.set(program, install(program, name));
  return asked.get(program);
}

function install(program: string, name: string): string | undefined {
  const reason = `${program} is missing (apt-get install ${name})`;
  if (userInfo().uid !== 0 || !present('apt-get')) return reason;
  const options = ['-y', '-qq', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=180'];
  const apt = (...args: string[]): boolean =>
    spawnSync('apt-get', args, {
      env: { PATH: FOLDERS.join(':'), DEBIAN_FRONTEND: 'noninteractive' },
      stdio: 'ignore',
      timeout: 300_000,
    }).status === 0;
  if (!apt('install', ...options, name) && apt('update', '-qq')) apt('install', ...options, name);
  return present(program) ? undefined : reason;
}
