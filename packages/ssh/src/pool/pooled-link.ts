import type { OwnedLink } from '../connect/ssh-link.ts';
import type { ChannelLease, LeaseOptions } from '../links.ts';

export interface Holder {
  lease: ChannelLease;
  forward: boolean;
  idle: boolean;
  reclaim: (() => void) | undefined;
  /** When the holder was asked to give its channel back; 0 = not asked. */
  reclaimedAt: number;
}

export interface PooledLink {
  link: OwnedLink;
  holders: Set<Holder>;
  /** Since when no holder is busy; meaningless while one is. */
  idleSince: number;
}

/** Session channels that may still be leased; below zero when the server allows fewer than were leased. */
export function freeChannels(pooled: PooledLink, limit: number): number {
  let used = 0;
  for (const holder of pooled.holders) if (!holder.forward) used++;
  return Math.min(limit, pooled.link.capacity()) - used;
}

export function isIdle(pooled: PooledLink): boolean {
  for (const holder of pooled.holders) if (!holder.idle) return false;
  return true;
}

/** Adds a holder to a link; `onRelease` runs once, when the lease is released. */
export function addHolder(pooled: PooledLink, options: LeaseOptions, onRelease: () => void): Holder {
  const holder: Holder = {
    lease: {
      link: pooled.link,
      release() {
        if (!pooled.holders.delete(holder)) return;
        if (!holder.idle) pooled.idleSince = Date.now();
        onRelease();
      },
    },
    forward: options.kind === 'forward',
    idle: false,
    reclaim: options.reclaim,
    reclaimedAt: 0,
  };
  pooled.holders.add(holder);
  return holder;
}
