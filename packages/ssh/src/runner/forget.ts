import { conversation } from '../channel/conversation.ts';
import type { HostChannels } from '../channel/host-channels.ts';
import { withChannel } from '../channel/with-channel.ts';

/** Ids in one message: a shell line stays well below any limit. */
const BATCH = 200;
const SWEEP_EVERY_MS = 24 * 60 * 60_000;

/**
 * Removes the files of commands that are not running; the lock stays as a tombstone. Once a day per host the tombstones
 * older than 31 days go too.
 */
export function createForget(
  channels: HostChannels,
): (alias: string, ids: readonly string[]) => Promise<void> {
  const sweptAt = new Map<string, number>();
  return (alias, ids) =>
    withChannel(channels, alias, async (channel) => {
      for (let at = 0; at < ids.length; at += BATCH) {
        const isDue = performance.now() - (sweptAt.get(alias) ?? -SWEEP_EVERY_MS) >= SWEEP_EVERY_MS;
        const batch = `${isDue ? 'f_sweep; ' : ''}f_forget ${ids.slice(at, at + BATCH).join(' ')}`;
        await conversation(channel, batch, {
          frame: (words) => words[0] === 'forgotten',
          data: () => undefined,
        });
        if (isDue) sweptAt.set(alias, performance.now());
      }
    });
}
