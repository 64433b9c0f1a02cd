import type { Redis } from 'ioredis';
import { CANCEL } from './ticket-job.ts';

/**
 * A lock that ran out while nobody could take the job over is ours as before.
 * 1: held; 0: delivered to another one meanwhile; -1: there is no such job.
 */
const KEEP = `
local started = redis.call('HGET', KEYS[1], 'ats')
if not started then return -1 end
local lock = redis.call('GET', KEYS[2])
if started ~= ARGV[2] or (lock and lock ~= ARGV[1]) then return 0 end
if not lock and not redis.call('LPOS', KEYS[3], ARGV[3]) then return 0 end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[4])
redis.call('SREM', KEYS[4], ARGV[3])
return 1`;

/** Marks the job, or the run whose ticket Redis lost while it was held, and tells the holder. 0: there is neither. */
const ASK_TO_CANCEL = `
if redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('HSET', KEYS[1], 'progress', ARGV[1])
elseif redis.call('EXISTS', KEYS[2]) == 0 then
  return 0
end
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1`;

interface Scripts {
  flotillaKeep(
    job: string,
    lock: string,
    active: string,
    stalled: string,
    token: string,
    fence: number,
    id: string,
    lockMs: number,
  ): Promise<1 | 0 | -1>;
  flotillaCancel(job: string, held: string, progress: string, channel: string, id: string): Promise<0 | 1>;
}

export function withScripts(redis: Redis): Redis & Scripts {
  redis.defineCommand('flotillaKeep', { numberOfKeys: 4, lua: KEEP });
  redis.defineCommand('flotillaCancel', { numberOfKeys: 2, lua: ASK_TO_CANCEL });
  return redis as Redis & Scripts;
}

export type ScriptedRedis = ReturnType<typeof withScripts>;

export const CANCEL_JSON = JSON.stringify(CANCEL);
