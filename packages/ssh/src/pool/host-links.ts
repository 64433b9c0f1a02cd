import { FlotillaError, type HostDirectory, type HostRecord, type Logger } from '@flotilla/core';
import { type LinkMaker, openLink } from '../connect/open-link.ts';
import type { OwnedLink } from '../connect/ssh-link.ts';
import { keyFiles } from '../keys/key-files.ts';
import { knownHostsFiles } from '../known-hosts/files.ts';
import type { ChannelLease, HostLinks, LeaseOptions } from '../links.ts';
import { type Chain, chainOf, goesThrough, isRegistered, sameLogin, stampOf } from './chain.ts';
import { handshakeGate, serverKey } from './handshake-gate.ts';
import { HostPool } from './host-pool.ts';
import { limiter } from './limiter.ts';
import { DEFAULT_LINK_SETTINGS, type LinkSettings } from './settings.ts';

export interface HostLinksInput {
  directory: HostDirectory;
  log: Logger;
  settings?: Partial<LinkSettings>;
}

/** The connections of this process to all hosts. */
export function createHostLinks({ directory, log, settings: given }: HostLinksInput): HostLinks {
  const settings: LinkSettings = { ...DEFAULT_LINK_SETTINGS, ...given };
  const gate = handshakeGate(settings.maxHandshakesPerServer);
  const maker: LinkMaker = {
    directory,
    settings,
    keys: keyFiles(),
    knownHosts: knownHostsFiles(settings.knownHostsPaths, log),
    handshakes: limiter(settings.maxHandshakes),
  };
  const pools = new Map<string, HostPool>();
  const owners = new WeakMap<ChannelLease, HostPool>();
  let closed = false;

  /** When a record changes while its connection is made, it starts again from the new one. */
  async function connect(alias: string, signal: AbortSignal): Promise<{ link: OwnedLink; stamp: string }> {
    for (;;) {
      const chain = chainOf(directory, alias);
      const opening = await settle(openFirst(chain, signal));
      const now = chainOf(directory, alias);
      const same = sameLogin(chain, now);
      if ('error' in opening) {
        if (same || signal.aborted) throw opening.error;
        continue;
      }
      if (same) return { link: opening.value, stamp: stampOf(now) };
      opening.value.end();
    }
  }

  async function openFirst([record, bastion]: Chain, signal: AbortSignal): Promise<OwnedLink> {
    const server = serverKey(record.host, record.port, bastion?.alias);
    if (!bastion) return gate.run(server, () => openLink(maker, { record, signal }));
    const lease = await leaseThrough(bastion.alias, record.alias, signal);
    const throughBastion = () => lease.link.forwardTcp(record.host, record.port);
    try {
      const link = await gate.run(server, () => openLink(maker, { record, signal, throughBastion }));
      void link.closed.then(() => lease.release());
      return link;
    } catch (error) {
      lease.release();
      throw error;
    }
  }

  async function leaseThrough(bastion: string, alias: string, signal: AbortSignal): Promise<ChannelLease> {
    try {
      return await leaseOf(bastion, { kind: 'forward', signal });
    } catch (error) {
      if (!(error instanceof FlotillaError)) throw error;
      throw new FlotillaError(error.code, `${alias} is reached through ${bastion}. ${error.message}`, {
        details: { ...error.details, through: bastion, target: alias },
        hint: error.hint,
        cause: error,
      });
    }
  }

  async function leaseOf(alias: string, options?: LeaseOptions): Promise<ChannelLease> {
    const chain = chainOf(directory, alias);
    for (const record of chain) refuseLocal(record);
    const pool =
      pools.get(alias) ?? new HostPool({ alias, settings, log, connect: (signal) => connect(alias, signal) });
    pools.set(alias, pool);
    const lease = await pool.lease(stampOf(chain), options);
    owners.set(lease, pool);
    return lease;
  }

  return {
    lease: (alias, options) => (closed ? Promise.reject(closing()) : leaseOf(alias, options)),
    isCurrent: (lease) => {
      const { alias } = lease.link;
      if (!isRegistered(directory, alias)) return false;
      return owners.get(lease)?.isCurrent(lease, stampOf(chainOf(directory, alias))) ?? false;
    },
    setIdle: (lease, idle) => owners.get(lease)?.setIdle(lease, idle),
    stats: () => [...pools.values()].map((pool) => pool.stats()),
    drop(alias) {
      for (const [name, pool] of pools) {
        if (name !== alias && !goesThrough(directory, name, alias)) continue;
        if (isRegistered(directory, name)) pool.drop();
        else {
          pools.delete(name);
          void pool.close(removed(name));
        }
      }
    },
    async close() {
      closed = true;
      await Promise.all([...pools.values()].map((pool) => pool.close(closing())));
      pools.clear();
    },
  };
}

type Settled<T> = { value: T } | { error: unknown };

const settle = <T>(promise: Promise<T>): Promise<Settled<T>> =>
  promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );

const closing = (): FlotillaError => new FlotillaError('CANCELLED', 'The connections are being closed.');

const removed = (alias: string): FlotillaError =>
  new FlotillaError('NOT_FOUND', `The host ${alias} was removed.`, { details: { alias } });

function refuseLocal({ alias, transport }: HostRecord): void {
  if (transport !== 'local') return;
  throw new FlotillaError(
    'UNSUPPORTED',
    `${alias} stands for this machine itself: that is not supported yet.`,
    {
      details: { alias, transport },
      hint: 'Register this machine as an SSH host instead (127.0.0.1 and the port of its sshd).',
    },
  );
}
