import { isFlotillaError } from '@flotilla/core';
import type { FastChannel } from './fast-channel.ts';
import type { HostChannels } from './host-channels.ts';

/**
 * Runs one exchange on a channel of a host. A connection that turns out to be dead is replaced once, so `exchange` must
 * be harmless to repeat.
 */
export async function withChannel<T>(
  channels: HostChannels,
  alias: string,
  exchange: (channel: FastChannel) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (let first = true; ; first = false) {
    const channel = await channels.acquire(alias, signal);
    try {
      return await exchange(channel);
    } catch (error) {
      if (!first || !isFlotillaError(error) || error.code !== 'CONNECTION_FAILED') throw error;
    } finally {
      channels.release(channel);
    }
  }
}
