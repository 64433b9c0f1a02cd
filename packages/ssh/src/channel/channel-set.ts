import { FlotillaError, type Logger } from '@flotilla/core';
import type { HostLinks } from '../links.ts';
import { FastChannel } from './fast-channel.ts';

interface Waiter {
  give(channel: FastChannel): void;
  fail(error: unknown): void;
}

export type StrayListener = (words: string[]) => void;

export interface ChannelSetOptions {
  alias: string;
  links: HostLinks;
  log: Logger;
  max: number;
}

/** The fast channels of one host: idle ones first, new ones while callers wait, one caller at a time each. */
export class ChannelSet {
  readonly #options: ChannelSetOptions;
  readonly #all = new Set<FastChannel>();
  readonly #idle: FastChannel[] = [];
  readonly #waiters = new Set<Waiter>();
  readonly #listeners = new Set<StrayListener>();
  #opening = 0;

  constructor(options: ChannelSetOptions) {
    this.#options = options;
  }

  acquire(signal?: AbortSignal): Promise<FastChannel> {
    const idle = this.#takeIdle();
    if (idle !== undefined) return Promise.resolve(idle);
    return new Promise((resolve, reject) => {
      const done = (): void => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener('abort', aborted);
      };
      const aborted = (): void => waiter.fail(new FlotillaError('CANCELLED', 'Cancelled while waiting.'));
      const waiter: Waiter = {
        give: (channel) => {
          done();
          resolve(channel);
        },
        fail: (error) => {
          done();
          reject(error);
        },
      };
      this.#waiters.add(waiter);
      if (signal?.aborted) return aborted();
      signal?.addEventListener('abort', aborted, { once: true });
      this.#openMore();
    });
  }

  offer(channel: FastChannel): void {
    if (channel.isClosed) return;
    const waiter = this.#waiters.values().next().value;
    if (waiter !== undefined) {
      waiter.give(channel);
      return;
    }
    this.#idle.push(channel);
    this.#options.links.setIdle(channel.lease, true);
  }

  onStray(listener: StrayListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #takeIdle(): FastChannel | undefined {
    for (;;) {
      const channel = this.#idle.pop();
      if (channel === undefined) return undefined;
      if (channel.isClosed) continue;
      if (!this.#options.links.isCurrent(channel.lease)) {
        channel.close();
        continue;
      }
      this.#options.links.setIdle(channel.lease, false);
      return channel;
    }
  }

  /** The first channel alone, so that a cold host is met with one handshake; then two at a time. */
  #openMore(): void {
    const wanted = Math.min(this.#waiters.size, this.#all.size === 0 ? 1 : 2);
    while (this.#opening < wanted && this.#all.size + this.#opening < this.#options.max) {
      this.#opening += 1;
      void this.#open();
    }
  }

  async #open(): Promise<void> {
    const { alias, links, log } = this.#options;
    try {
      let opened: FastChannel | undefined;
      const lease = await links.lease(alias, {
        reclaim: () => {
          if (opened !== undefined && this.#idle.includes(opened)) opened.close();
        },
      });
      const channel = await FastChannel.open(lease, (words) => this.#stray(words));
      opened = channel;
      this.#opening -= 1;
      this.#all.add(channel);
      void channel.closed.then(() => this.#forget(channel));
      this.offer(channel);
      this.#openMore();
    } catch (error) {
      this.#opening -= 1;
      log.debug({ alias, err: error }, 'fast channel not opened');
      if (this.#all.size > 0) return;
      for (const waiter of [...this.#waiters]) waiter.fail(error);
    }
  }

  #forget(channel: FastChannel): void {
    this.#all.delete(channel);
    const at = this.#idle.indexOf(channel);
    if (at >= 0) this.#idle.splice(at, 1);
    if (this.#waiters.size > 0) this.#openMore();
  }

  #stray(words: string[]): void {
    for (const listener of [...this.#listeners]) listener(words);
  }
}
