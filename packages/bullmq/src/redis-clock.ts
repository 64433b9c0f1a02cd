import type { Redis } from 'ioredis';

/**
 * The clock of Redis, the only one that all processes of a fleet share. Between two looks it goes on with this
 * process's monotonic clock, and it is never ahead: an answer was made before it came.
 */
export class RedisClock {
  #seen: { ms: number; at: number } | undefined;

  get known(): boolean {
    return this.#seen !== undefined;
  }

  async look(redis: Redis): Promise<void> {
    const [seconds, microseconds] = await redis.time();
    this.#seen = { ms: Number(seconds) * 1000 + Number(microseconds) / 1000, at: performance.now() };
  }

  /** Epoch milliseconds. */
  now(): number {
    const { ms, at } = this.#seen ?? { ms: Date.now(), at: performance.now() };
    return Math.floor(ms + performance.now() - at);
  }
}
