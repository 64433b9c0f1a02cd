import type { Redis } from 'ioredis';

export interface ServerFacts {
  /** `Redis 7.0.15`, `Valkey 8.0.1`. */
  server: string;
  warnings: string[];
}

const OLDEST = [6, 2] as const;

/** Reads the sections of INFO (redis.io/docs/latest/commands/info) that decide whether tickets are safe. */
export async function checkServer(redis: Redis): Promise<ServerFacts> {
  let text: string;
  try {
    text = await redis.info();
  } catch (error) {
    const warnings = [
      `The settings of Redis could not be read: ${error instanceof Error ? error.message : error}`,
    ];
    return { server: 'Redis', warnings };
  }
  return readInfo(text);
}

export function readInfo(text: string): ServerFacts {
  const facts = new Map(
    text.split(/\r?\n/).map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1)] as const;
    }),
  );
  const valkey = facts.get('valkey_version');
  const version = facts.get('redis_version') ?? '';
  const warnings: string[] = [];
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (!valkey && (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])))
    warnings.push(`Redis ${version} is older than ${OLDEST.join('.')}, the oldest that is supported`);
  if (facts.get('aof_enabled') === '0')
    warnings.push(
      'Redis writes no append-only file (appendonly no): a restart loses tickets, and runs wait until they are queued again',
    );
  const policy = facts.get('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction')
    warnings.push(`Redis may throw tickets away (maxmemory-policy ${policy}): it must be noeviction`);
  return { server: valkey ? `Valkey ${valkey}` : `Redis ${version}`, warnings };
}
