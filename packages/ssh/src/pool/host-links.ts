import { FlotillaError, type HostDirectory, type HostRecord, type Logger } from '@flotilla/core';
import { openLink } from '../connect/open-link.ts';
import type { OwnedLink } from '../connect/ssh-link.ts';
import type { ChannelLease, HostLinks } from '../links.ts';
import { chainOf, stampOf } from './chain.ts';
import { handshakeGate, serverKey } from './handshake-gate.ts';
import { HostPool } from './host-pool.ts';
import { DEFAULT_LINK_SETTINGS, type LinkSettings } from './settings.ts';

export interface HostLinksInput {
  directory: HostDirectory;
  log: Logger;
  settings?: Partial<LinkSettings>;
}

/** The connections of this process to all hosts. */
export function createHostLinks(input: HostLinksInput): HostLinks {
  const { directory, log } = input;
  const settings: LinkSettings = { ...DEFAULT_LINK_SETTINGS, ...input.settings };
  const gate = handshakeGate(settings.maxHandshakesPerServer, settings.maxHandshakes);
  const pools = new Map<string, HostPool>();
  const owners = new WeakMap<ChannelLease, HostPool>();
  const abort = new AbortController();

  async function connect(alias: string): Promise<{ link: OwnedLink; stamp: string }> {
    const chain = chainOf(directory, alias);
    const record = chain[0] as HostRecord;
    const link = await openThrough(record);
    const now = chainOf(directory, alias);
    return { link, stamp: stampOf(sameLogin(chain, now) ? now : chain) };
  }

  async function openThrough(record: HostRecord): Promise<OwnedLink> {
    const signal = abort.signal;
    const { jump } = record;
    const key = serverKey(record.host, record.port, jump);
    if (jump === undefined) return gate.run(key, () => openLink({ record, directory, settings, signal }));
    const lease = await leaseOf(jump, { kind: 'forward', signal });
    try {
      const throughBastion = () => lease.link.forwardTcp(record.host, record.port);
      const link = await gate.run(key, () =>
        openLink({ record, directory, settings, signal, throughBastion }),
      );
      void link.closed.then(() => lease.release());
      return link;
    } catch (error) {
      lease.release();
      throw error;
    }
  }

  function poolOf(record: HostRecord): HostPool {
    const { alias, host, port } = record;
    const pool =
      pools.get(alias) ??
      new HostPool({ target: { alias, host, port }, settings, log, connect: () => connect(alias) });
    pools.set(alias, pool);
    return pool;
  }

  async function leaseOf(alias: string, options?: Parameters<HostLinks['lease']>[1]): Promise<ChannelLease> {
    const chain = chainOf(directory, alias);
    const record = chain[0] as HostRecord;
    if (record.transport === 'local')
      throw new FlotillaError('UNSUPPORTED', `${alias} is this machine itself, which is not supported yet.`, {
        hint: 'Register the machine as an SSH host (127.0.0.1 with its sshd) instead.',
      });
    const pool = poolOf(record);
    const lease = await pool.lease(stampOf(chain), options);
    owners.set(lease, pool);
    return lease;
  }

  return {
    lease: leaseOf,
    setIdle: (lease, idle) => owners.get(lease)?.setIdle(lease, idle),
    stats: () => [...pools.values()].map((pool) => pool.stats()),
    drop: (alias) => pools.get(alias)?.drop(),
    async close() {
      abort.abort();
      const error = new FlotillaError('CANCELLED', 'The connections are being closed.');
      await Promise.all([...pools.values()].map((pool) => pool.close(error)));
      pools.clear();
    },
  };
}

/** Whether nothing but the pinned keys changed since the link was opened. */
function sameLogin(before: readonly HostRecord[], now: readonly HostRecord[]): boolean {
  const login = (chain: readonly HostRecord[]): string =>
    JSON.stringify(chain.map(({ hostKeys: _keys, revision: _revision, ...rest }) => rest));
  return login(before) === login(now);
}
