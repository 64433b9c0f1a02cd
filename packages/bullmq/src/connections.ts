import { Redis, type RedisOptions } from 'ioredis';
import type { RedisTarget } from './target.ts';

const CONNECT_MS = 4_000;
const COMMAND_MS = 4_000;
const LONGEST_RETRY_MS = 2_000;
/** How long the end of a connection may take; with one that was refused, ioredis keeps the process alive for it. */
const DISCONNECT_MS = 250;

/** Half of the wait is chance, so that the processes of a fleet do not come back in one moment. */
const retryIn = (times: number): number => {
  const most = Math.min(LONGEST_RETRY_MS, 50 * 2 ** Math.min(times, 10));
  return most / 2 + Math.random() * (most / 2);
};

/** Nothing is kept back and sent later: what Redis did not take fails at once, and its caller decides. */
const FAIL_FAST = {
  lazyConnect: true,
  connectTimeout: CONNECT_MS,
  disconnectTimeout: DISCONNECT_MS,
  retryStrategy: retryIn,
  keepAlive: 10_000,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
} satisfies RedisOptions;

/** For commands that Redis answers at once. */
export const openCommands = ({ options }: RedisTarget): Redis =>
  open({ ...options, ...FAIL_FAST, commandTimeout: COMMAND_MS });

/** For one command that waits. */
export const openWaiting = ({ options }: RedisTarget): Redis => open({ ...options, ...FAIL_FAST });

/** For messages. It subscribes again by itself. */
export const openSubscriber = ({ options }: RedisTarget): Redis =>
  open({ ...options, ...FAIL_FAST, enableOfflineQueue: true, autoResubscribe: true });

function open(options: Omit<RedisOptions, 'replyMapping'>): Redis {
  const redis = new Redis(options);
  // Told by `close`, and by the commands that fail; without a listener it would end the process.
  redis.on('error', () => undefined);
  return redis;
}
