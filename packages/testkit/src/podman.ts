import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { whyNoProgram } from './apt-package.ts';
import { startDaemon } from './child-daemon.ts';
import { tempDir } from './temp-dir.ts';

/** A Podman of its own with its API service: own storage, nothing of the machine's. */
export interface TestPodman {
  socket: string;
  folder: string;
  log(): string;
  /** `podman` against the service; returns what it printed on stdout. Named as for an engine of Docker. */
  docker(...args: readonly string[]): string;
  stop(): Promise<void>;
}

/** Why no private Podman can be started here; undefined when it can. Installs it where it may. */
export function whyNoPodman(): string | undefined {
  if (userInfo().uid !== 0) return 'a private podman service can only be started as root';
  return whyNoProgram('runc', 'runc') ?? whyNoProgram('conmon', 'conmon') ?? whyNoProgram('podman', 'podman');
}

/** Starts `podman system service`. Its containers need `--network none` or `host`. */
export async function startPodman(): Promise<TestPodman> {
  const reason = whyNoPodman();
  if (reason) throw new Error(reason);
  const folder = tempDir('flotilla-podman-');
  chmodSync(folder.path, 0o711);
  const path = (name: string): string => join(folder.path, name);
  const socket = path('podman.sock');
  // Raising limits above those of the tests themselves is not allowed everywhere.
  const config = '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n';
  writeFileSync(path('containers.conf'), config);
  const env = { HOME: folder.path, CONTAINERS_CONF: path('containers.conf') };
  const storage = ['--root', path('data'), '--runroot', path('run'), '--tmpdir', path('tmp')];
  const settings = ['--storage-driver', 'vfs', '--cgroup-manager', 'cgroupfs', '--events-backend', 'file'];
  const podman = (...args: readonly string[]): string =>
    execFileSync('podman', ['--url', `unix://${socket}`, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...env },
      timeout: 60_000,
    }).trim();
  const daemon = await startDaemon({
    command: [
      'podman',
      ...storage,
      ...settings,
      '--runtime',
      'runc',
      'system',
      'service',
      '--time=0',
      `unix://${socket}`,
    ],
    logPath: path('log'),
    env,
    ready: () => existsSync(socket),
  }).catch((error: unknown) => {
    folder.remove();
    throw error;
  });
  return {
    socket,
    folder: folder.path,
    log: () => daemon.log(),
    docker: podman,
    stop: async () => {
      try {
        podman('pod', 'rm', '--all', '--force', '--time', '0');
        podman('rm', '--all', '--force', '--time', '0');
      } finally {
        await daemon.stop();
        folder.remove();
      }
    },
  };
}
