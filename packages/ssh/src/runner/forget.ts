import { conversation } from '../channel/conversation.ts';
import type { FastChannel } from '../channel/fast-channel.ts';

/** Ids in one message: a shell line stays well below any limit. */
const BATCH = 200;

/** Removes the files of commands that are not running; the lock stays as a tombstone. */
export async function forgetRuns(channel: FastChannel, ids: readonly string[]): Promise<void> {
  for (let at = 0; at < ids.length; at += BATCH) {
    const batch = ids.slice(at, at + BATCH);
    await conversation(channel, `f_forget ${batch.join(' ')}`, {
      frame: (words) => words[0] === 'F',
      data: () => undefined,
    });
  }
}
