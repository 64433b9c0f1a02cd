import { readFileSync } from 'node:fs';
import type { TestSshd } from '@flotilla/testkit';
import { Client, type ClientChannel } from 'ssh2';
import type { ChannelLease, HostLinks, LeaseOptions, SshLink } from '../../../src/links.ts';

export interface TestLinks extends HostLinks {
  /** Leases taken and not released. */
  readonly held: number;
}

/** One connection per lease to a test sshd (possibly through another port, e.g. a proxy). */
export function linksTo(sshd: TestSshd, port = sshd.port): TestLinks {
  const clients = new Set<Client>();
  let held = 0;
  const connect = (): Promise<Client> =>
    new Promise((resolve, reject) => {
      const client = new Client();
      client.on('error', reject);
      client.once('ready', () => {
        client.setNoDelay(true);
        clients.add(client);
        resolve(client);
      });
      client.connect({
        host: sshd.host,
        port,
        username: sshd.user,
        privateKey: readFileSync(sshd.keyPath),
        algorithms: { cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com'] },
      });
    });
  let shared: Promise<Client> | undefined;
  async function lease(alias: string, _options?: LeaseOptions): Promise<ChannelLease> {
    shared ??= connect();
    const client = await shared;
    held++;
    return {
      link: linkOver(alias, client, () => {
        shared = undefined;
      }),
      release: () => {
        held--;
      },
    };
  }
  return {
    lease,
    setIdle() {},
    stats: () => [],
    drop() {
      for (const client of clients) client.destroy();
      shared = undefined;
    },
    async close() {
      for (const client of clients) client.end();
    },
    get held() {
      return held;
    },
  };
}

function linkOver(alias: string, client: Client, onClosed: () => void): SshLink {
  const opened = <T>(start: (done: (error: Error | undefined, value: T) => void) => void): Promise<T> =>
    new Promise((resolve, reject) => start((error, value) => (error ? reject(error) : resolve(value))));
  return {
    alias,
    id: alias,
    exec: (command) => opened<ClientChannel>((done) => client.exec(command, done)),
    sftp: () => opened((done) => client.sftp(done)),
    subsystem: (name) => opened<ClientChannel>((done) => client.subsys(name, done)),
    forwardTcp: (host, port) =>
      opened<ClientChannel>((done) => client.forwardOut('127.0.0.1', 0, host, port, done)),
    forwardUnix: (path) => opened<ClientChannel>((done) => client.openssh_forwardOutStreamLocal(path, done)),
    closed: new Promise((resolve) => {
      client.once('close', () => {
        onClosed();
        resolve(undefined);
      });
    }),
  };
}
