import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { startDaemon } from './child-daemon.ts';
import { tempDir } from './temp-dir.ts';

/** Networks made in a test engine: apart from those that the machine's own engine takes first. */
const POOL = 'base=10.213.0.0/16,size=24';

/** A docker engine of its own: nothing in it but what a test puts there. */
export interface TestDockerd {
  /** Absolute path of its socket (group `docker` where that exists). */
  socket: string;
  folder: string;
  /** Its data folder (images, containers, volumes). */
  dataRoot: string;
  pid: number;
  log(): string;
  /** The docker client against it; returns what it printed on stdout. */
  docker(...args: readonly string[]): string;
  /** Stops the daemon and starts it again on the same data; running containers end. */
  restart(): Promise<void>;
  /** Removes its containers, stops it and removes all it had. */
  stop(): Promise<void>;
}

export interface DockerdOptions {
  /** Further flags of dockerd(8), e.g. `--live-restore`. */
  flags?: readonly string[];
}

/** Why no private docker engine can be started here; undefined when it can. */
export function whyNoDockerd(): string | undefined {
  if (userInfo().uid !== 0) return 'a private dockerd can only be started as root';
  if (!existsSync('/usr/sbin/dockerd') && !existsSync('/usr/bin/dockerd'))
    return 'dockerd is missing (apt-get install docker.io)';
  if (spawnSync('ip', ['-V']).error) return 'ip is missing (apt-get install iproute2)';
  return dockerClient() ? undefined : 'the docker client is missing';
}

const dockerClient = (): string | undefined =>
  ['/usr/local/bin/docker', '/usr/bin/docker'].find((path) => existsSync(path));

/**
 * Starts a private dockerd: own data, state, socket, pid file and bridge, and no firewall rules (it touches nothing of
 * the machine: with `--bridge=none` it would remove the bridge of the machine's own engine). Networks made in it work
 * between containers only; `--network host` works.
 */
export async function startDockerd(options: DockerdOptions = {}): Promise<TestDockerd> {
  const reason = whyNoDockerd();
  if (reason) throw new Error(reason);
  const folder = tempDir('flotilla-dockerd-');
  chmodSync(folder.path, 0o711);
  const path = (name: string): string => join(folder.path, name);
  const socket = path('docker.sock');
  const docker = (...args: readonly string[]): string =>
    execFileSync(dockerClient() ?? 'docker', ['-H', `unix://${socket}`, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 64 * 1024 * 1024,
    }).trim();
  const bridge = `flt${randomBytes(4).toString('hex')}`;
  execFileSync('ip', ['link', 'add', 'name', bridge, 'type', 'bridge']);
  const removeBridge = () => execFileSync('ip', ['link', 'delete', bridge]);
  const start = (...flags: readonly string[]) =>
    startDaemon({
      command: [
        ...['dockerd', '--data-root', path('data'), '--exec-root', path('exec'), '--pidfile', path('pid')],
        ...['--host', `unix://${socket}`, '--bridge', bridge, '--iptables=false', '--ip6tables=false'],
        ...flags,
        ...(options.flags ?? []),
      ],
      logPath: path('log'),
      env: { HOME: folder.path },
      ready: () => existsSync(socket) && readFileSync(path('log'), 'utf8').includes('API listen on'),
    });
  let daemon = await start('--default-address-pool', POOL).catch((error: unknown) => {
    clear(folder.path);
    removeBridge();
    throw error;
  });
  /** Bridges of networks are devices of this machine: they would outlive the engine. */
  const removeContainers = (): void => {
    const ids = docker('ps', '-aq').split('\n').filter(Boolean);
    if (ids.length > 0) docker('rm', '-f', '-v', ...ids);
    docker('network', 'prune', '-f');
  };
  return {
    socket,
    folder: folder.path,
    dataRoot: path('data'),
    get pid() {
      return daemon.pid;
    },
    log: () => daemon.log(),
    docker,
    restart: async () => {
      const running = docker('ps', '-q').split('\n').filter(Boolean);
      if (running.length > 0) docker('kill', ...running);
      await daemon.stop();
      execFileSync('rm', ['-f', '--', path('log'), socket]);
      // An engine with pools that finds its own bridge network again removes docker0, whoever owns it.
      daemon = await start();
    },
    stop: async () => {
      try {
        removeContainers();
      } finally {
        await daemon.stop();
        clear(folder.path);
        removeBridge();
      }
    },
  };
}

/** Mounts below the folder (layers, namespaces) go first. */
function clear(folder: string): void {
  const below = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((mount) => mount.startsWith(`${folder}/`));
  for (const mount of below.reverse()) execFileSync('umount', ['-l', mount], { stdio: 'ignore' });
  execFileSync('rm', ['-rf', '--one-file-system', '--', folder]);
}
