// What the tests run against: real services from the system's packages.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Program → Debian/Ubuntu package. */
const NEEDED = {
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  sftp: 'openssh-client',
  busybox: 'busybox-static',
  rsync: 'rsync',
  sudo: 'sudo',
  ping: 'iputils-ping',
  dnsmasq: 'dnsmasq-base',
};

const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/bin', '/bin'];
const present = (program) => folders.some((folder) => existsSync(join(folder, program)));

/** Installs what is missing where it may, saying so; else returns the one command that does. */
export function ensureServices() {
  const packages = [
    ...new Set(Object.entries(NEEDED).flatMap(([program, name]) => (present(program) ? [] : [name]))),
  ];
  if (packages.length === 0) return undefined;
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (process.getuid?.() !== 0 || !present('apt-get')) {
    return `The tests need ${packages.join(', ')}. On Debian or Ubuntu: sudo ${command}`;
  }
  process.stderr.write(`Installing what the tests run against: ${packages.join(' ')} (${command})\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const run = (args) =>
    spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
  run(['update', '-qq']);
  const args = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
  return run(args) ? undefined : `Could not install ${packages.join(', ')}. Try: ${command}`;
}
