import { RedisConnection } from 'bullmq';
import { openCommands } from './connections.ts';
import { RedisClock } from './redis-clock.ts';
import { type ScriptedRedis, withScripts } from './scripts.ts';
import type { RedisTarget } from './target.ts';

/** The connection for everything that does not wait, and whether it can be used. */
export class RedisLink {
  readonly target: RedisTarget;
  readonly redis: ScriptedRedis;
  /** The same connection as BullMQ wants it. */
  readonly connection: RedisConnection;
  readonly clock = new RedisClock();
  readonly #arrived: () => Promise<void>;
  #up = false;
  #closed = false;
  #downSince: number | undefined = Date.now();
  #lastError = 'not connected yet';
  #waiters: (() => void)[] = [];

  /** `arrived` is awaited after every connect before the link counts as up. */
  constructor(target: RedisTarget, arrived: () => Promise<void>) {
    this.target = target;
    this.#arrived = arrived;
    const redis = openCommands(target);
    this.redis = withScripts(redis);
    this.connection = new RedisConnection(redis, {
      shared: true,
      blocking: false,
      skipVersionCheck: true,
      skipWaitingForReady: true,
    });
    this.connection.on('error', () => undefined);
    redis.on('error', (error) => {
      this.#lastError = error.message;
    });
    redis.on('ready', () => void this.#come());
    redis.on('close', () => {
      this.#up = false;
      this.#downSince ??= Date.now();
    });
  }

  get up(): boolean {
    return this.#up;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Undefined while it is up. */
  get trouble(): { since: number; why: string } | undefined {
    return this.#downSince === undefined ? undefined : { since: this.#downSince, why: this.#lastError };
  }

  /**
   * Starts to connect, and goes on until it is closed. Resolves when it is up, when the first attempt was refused, or after
   * the patience is over: nobody waits for a Redis that is known to be away.
   */
  async open(patienceMs: number): Promise<void> {
    const first = this.redis.connect().then(
      () => this.whenUp(),
      () => undefined,
    );
    await Promise.race([first, new Promise((resolve) => setTimeout(resolve, patienceMs).unref())]);
  }

  /** Resolves at once when it is up, and also when it is closed. */
  whenUp(): Promise<void> {
    if (this.#up || this.#closed) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** The connection looks open and does not answer: a new one. */
  renew(): void {
    this.#up = false;
    this.#downSince ??= Date.now();
    this.#lastError = 'it did not answer in time';
    this.redis.disconnect(true);
  }

  close(): void {
    this.#closed = true;
    this.#up = false;
    this.redis.disconnect();
    this.#wake();
  }

  async #come(): Promise<void> {
    try {
      await this.clock.look(this.redis);
      await this.#arrived();
      if (this.redis.status !== 'ready' || this.#closed) return;
      this.#up = true;
      this.#downSince = undefined;
      this.#wake();
    } catch (error) {
      this.#lastError = error instanceof Error ? error.message : String(error);
      if (!this.#closed && this.redis.status === 'ready') this.redis.disconnect(true);
    }
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}
