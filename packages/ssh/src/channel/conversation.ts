import type { FastChannel } from './fast-channel.ts';

export interface Listener {
  /** True: that was the last frame of the answer. */
  frame(words: string[]): boolean;
  data(chunk: Buffer): void;
}

/** Sends one message and listens until its last frame. */
export function conversation(channel: FastChannel, text: string, listener: Listener): Promise<void> {
  return new Promise((resolve, reject) => {
    channel.enter({
      frame: (words) => {
        if (!listener.frame(words)) return;
        channel.leave();
        resolve();
      },
      data: (chunk) => listener.data(chunk),
      closed: reject,
    });
    channel.send(text);
  });
}
