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
  /** Identifies the records the link was made from. */
  stamp: string;
  holders: Set<Holder>;
  idleSince: number;
  /** We closed it ourselves. */
  ended?: boolean;
}

export function freeChannels(pooled: PooledLink, limit: number): number {
  let used = 0;
  for (const holder of pooled.holders) if (!holder.forward) used++;
  return limit - used;
}

/** Adds a holder to a link; `onRelease` runs once, when the lease is released. */
export function grantLease(pooled: PooledLink, options: LeaseOptions, onRelease: () => void): Holder {
  const holder: Holder = {
    lease: {
      link: pooled.link,
      release() {
        if (pooled.holders.delete(holder)) onRelease();
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
