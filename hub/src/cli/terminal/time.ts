import { formatDuration } from '@flotilla/core';

/** "3 min 2 s ago". */
export function ago(time: string | number | undefined, now = Date.now()): string | undefined {
  if (time === undefined) return undefined;
  const distance = now - (typeof time === 'string' ? Date.parse(time) : time);
  return distance < 1000 ? 'now' : `${formatDuration(distance)} ago`;
}
