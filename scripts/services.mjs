// What the tests run against: real services from the system's packages.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
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
  'redis-server': 'redis-server',
};

/** Without these the tests that need them are skipped, by name. */
const WANTED = {
  dockerd: 'docker.io',
  'docker-registry': 'docker-registry',
};

const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/bin', '/bin'];
const present = (program) => folders.some((folder) => existsSync(join(folder, program)));
const missing = (wanted) => [
  ...new Set(Object.entries(wanted).flatMap(([program, name]) => (present(program) ? [] : [name]))),
];

function apt(args, env = {}) {
  return spawnSync('apt-get', args, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

const command = (packages) => `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
const install = (packages) =>
  packages.length === 0 || apt(['install', '-y', '-qq', '--no-install-recommends', ...packages]).status === 0;

/**
 * Debian's compose v2 as a plugin of the docker client, from the suite after this one: no package of its own suite has
 * it. Nothing else of that suite is touched. False: it could not be had.
 */
function installCompose() {
  const sources = '/etc/apt/sources.list.d/debian.sources';
  const plugins = '/usr/local/lib/docker/cli-plugins';
  if (!existsSync(sources) || spawnSync('docker', ['compose', 'version']).status === 0) return;
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-compose-'));
  const own = (name) => join(folder, name);
  try {
    for (const name of ['parts', 'lists/partial', 'cache/archives/partial'])
      mkdirSync(own(name), { recursive: true });
    const next = readFileSync(sources, 'utf8').replace(/^Suites:.*/gm, 'Suites: trixie');
    writeFileSync(own('parts/next.sources'), next);
    const places = { 'State::lists': 'lists', Cache: 'cache', 'Etc::sourceparts': 'parts' };
    const lines = Object.entries(places).map(([key, name]) => `Dir::${key} "${own(name)}";`);
    writeFileSync(
      own('apt.conf'),
      `${lines.join('\n')}\nDir::Etc::sourcelist "/dev/null";\nAPT::Sandbox::User "root";\n`,
    );
    const env = { APT_CONFIG: own('apt.conf') };
    const run = (name, args) =>
      spawnSync(name, args, { cwd: folder, env: { ...process.env, ...env }, stdio: 'ignore' });
    run('apt-get', ['update', '-qq']);
    run('apt-get', ['download', '-qq', 'docker-compose']);
    const archive = readdirSync(folder).find((name) => name.endsWith('.deb'));
    if (!archive || run('dpkg', ['-x', archive, 'x']).status !== 0) return;
    mkdirSync(plugins, { recursive: true });
    copyFileSync(own('x/usr/libexec/docker/cli-plugins/docker-compose'), join(plugins, 'docker-compose'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Installs what is missing where it may, saying so; else returns the one command that does. */
export function ensureServices() {
  const needed = missing(NEEDED);
  const wanted = missing(WANTED);
  const may = process.getuid?.() === 0 && present('apt-get');
  if (!may) {
    if (needed.length === 0) return undefined;
    return `The tests need ${needed.join(', ')}. On Debian or Ubuntu: sudo ${command([...needed, ...wanted])}`;
  }
  if (needed.length + wanted.length > 0) {
    const all = [...needed, ...wanted];
    process.stderr.write(`Installing what the tests run against: ${all.join(' ')} (${command(all)})\n`);
    apt(['update', '-qq']);
    if (!install(needed)) return `Could not install ${needed.join(', ')}. Try: ${command(needed)}`;
    install(wanted);
  }
  installCompose();
  return undefined;
}
