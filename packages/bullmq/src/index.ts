export { BullmqDriver, type BullmqDriverOptions } from './driver.ts';
export { parseRedisUrl, type RedisTarget } from './target.ts';
