import type { Logger } from '@flotilla/core';
import type { HostLinks } from '../links.ts';
import { ChannelSet, type StrayListener } from './channel-set.ts';
import type { FastChannel } from './fast-channel.ts';

/** Fast channels per host: enough to keep a host's processors busy with short commands. */
const MAX_PER_HOST = 8;

/** The warm fast channels of every host, shared by scripts and detached commands. They close with their connection. */
export interface HostChannels {
  /** A channel for one user. Waits when all are busy; CANCELLED when `signal` fires first. */
  acquire(alias: string, signal?: AbortSignal): Promise<FastChannel>;
  /** Gives it back for the next user; a closed one is forgotten. */
  release(channel: FastChannel): void;
  /** Calls back with every frame that the host's background processes send. Returns the unsubscriber. */
  onStray(alias: string, listener: StrayListener): () => void;
}

const shared = new WeakMap<HostLinks, HostChannels>();

/** The fast channels over these connections: the same for everyone who asks. */
export function hostChannels(links: HostLinks, log: Logger): HostChannels {
  let channels = shared.get(links);
  if (channels === undefined) {
    channels = createHostChannels(links, log);
    shared.set(links, channels);
  }
  return channels;
}

function createHostChannels(links: HostLinks, log: Logger): HostChannels {
  const sets = new Map<string, ChannelSet>();
  const owners = new WeakMap<FastChannel, ChannelSet>();
  const setOf = (alias: string): ChannelSet => {
    let set = sets.get(alias);
    if (set === undefined) {
      set = new ChannelSet({ alias, links, log, max: MAX_PER_HOST });
      sets.set(alias, set);
    }
    return set;
  };
  return {
    async acquire(alias, signal) {
      const set = setOf(alias);
      const channel = await set.acquire(signal);
      owners.set(channel, set);
      return channel;
    },
    release(channel) {
      channel.leave();
      owners.get(channel)?.offer(channel);
    },
    onStray: (alias, listener) => setOf(alias).onStray(listener),
  };
}
