import { formatDuration } from '@flotilla/core';

/** UTC epoch milliseconds → ISO 8601 with zone. */
export const iso = (at: number): string => new Date(at).toISOString();

/** "3 min 2 s ago", or "in 5.0 s" for a time to come. */
export function ago(at: number | string, now: number): string {
  const distance = now - (typeof at === 'string' ? Date.parse(at) : at);
  return distance >= 0 ? `${formatDuration(distance)} ago` : `in ${formatDuration(-distance)}`;
}
