import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { docker, whyNoDocker } from './docker.ts';
import { freePort } from './free-port.ts';
import { makeKey } from './ssh-keys.ts';
import { tempDir } from './temp-dir.ts';
import { waitFor } from './wait-for.ts';

/** A whole small server: systemd, sshd, cron, ufw, fail2ban, sudo. */
export interface TestVps {
  host: string;
  port: number;
  /** `root`; `admin` has the password `adminPassword` and sudo with it. */
  user: string;
  keyPath: string;
  /** `SHA256:…` of the ed25519 host key. */
  fingerprint: string;
  adminPassword: string;
  container: string;
  /** Runs a shell command inside, past sshd; returns what it printed. */
  run(command: string): string;
  /** A reboot: every process ends, files stay, the address stays. */
  reboot(): Promise<void>;
  /** The power goes: like `reboot` without a shutdown. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

const DOCKERFILE = `FROM debian:12-slim
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update && apt-get install -y --no-install-recommends systemd systemd-sysv dbus openssh-server sudo \\
  iproute2 procps ufw fail2ban python3-systemd cron curl iptables bsdextrautils bsdutils util-linux && rm -rf /var/lib/apt/lists/*
RUN printf '[sshd]\\nenabled = true\\nbackend = systemd\\n' > /etc/fail2ban/jail.d/defaults-debian.conf \\
  && systemctl disable fail2ban && useradd -m -s /bin/bash -G sudo admin && mkdir -p /root/.ssh && chmod 700 /root/.ssh
STOPSIGNAL SIGRTMIN+3
CMD ["/sbin/init"]
`;

/** Why no VPS container can be started here; undefined when it can. */
export const whyNoVps = whyNoDocker;

/** Starts a VPS container, its sshd on a loopback port; the image is built once. Boots in about 5 seconds. */
export async function startVps(): Promise<TestVps> {
  const reason = whyNoVps();
  if (reason) throw new Error(reason);
  const image = buildImage();
  const folder = tempDir('flotilla-vps-');
  const key = makeKey({ folder: folder.path });
  const port = await freePort();
  const container = docker(
    ...['run', '-d', '--label', 'flotilla.testkit=vps', '--cap-add', 'NET_ADMIN', '--network', ownNetwork()],
    ...['--security-opt', 'seccomp=unconfined', '--tmpfs', '/run', '--tmpfs', '/run/lock'],
    ...['-v', '/sys/fs/cgroup:/sys/fs/cgroup:rw', '-p', `127.0.0.1:${port}:22`, image],
  );
  const run = (command: string): string => docker('exec', container, 'sh', '-c', command);
  const stop = async (): Promise<void> => {
    docker('rm', '-f', '-v', container);
    folder.remove();
  };
  const restart = async (...args: string[]): Promise<void> => {
    docker(...args, container);
    await booted(port);
  };
  const adminPassword = `pw-${createHash('sha256').update(key.publicKey).digest('hex').slice(0, 16)}`;
  try {
    run(`printf '%s\\n' '${key.publicKey}' > /root/.ssh/authorized_keys`);
    run(`echo 'admin:${adminPassword}' | chpasswd`);
    await booted(port);
    const fingerprint = run('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub').split(' ')[1] ?? '';
    return {
      host: '127.0.0.1',
      port,
      user: 'root',
      keyPath: key.path,
      fingerprint,
      adminPassword,
      container,
      run,
      reboot: () => restart('restart', '-t', '20'),
      crash: async () => {
        docker('kill', container);
        await restart('start');
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const NETWORK = 'flotilla-testkit';

/** A network of the tests' own: docker0 goes away when another engine without a bridge starts on this machine. */
function ownNetwork(): string {
  const known = (): boolean => docker('network', 'ls', '-q', '--filter', `name=^${NETWORK}$`) !== '';
  if (known()) return NETWORK;
  try {
    docker('network', 'create', NETWORK);
  } catch (error) {
    if (!known()) throw error;
  }
  return NETWORK;
}

/** The image's tag is a digest of its Dockerfile, so that a changed one is built anew. */
function buildImage(): string {
  const tag = `flotilla-testkit-vps:${createHash('sha256').update(DOCKERFILE).digest('hex').slice(0, 12)}`;
  if (docker('images', '-q', tag) !== '') return tag;
  execFileSync('docker', ['build', '-q', '-t', tag, '-'], {
    input: DOCKERFILE,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  return tag;
}

/** Until sshd shows its banner. */
const booted = (port: number): Promise<true> =>
  waitFor(
    () =>
      new Promise<boolean>((resolve) => {
        const socket = connect(port, '127.0.0.1');
        const done = (seen: boolean): void => {
          socket.destroy();
          resolve(seen);
        };
        socket.once('data', (data) => done(data.toString().startsWith('SSH-')));
        socket.once('error', () => done(false));
        socket.once('close', () => done(false));
      }),
    { timeoutMs: 60_000, intervalMs: 100, what: 'the sshd of the VPS container' },
  );
