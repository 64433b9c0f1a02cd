import type { SeriesValue } from '@flotilla/metrics';

export type Counters = SeriesValue[];

const keyOf = ({ name, labels = {} }: SeriesValue): string => `${name} ${Object.values(labels).join(' ')}`;

/** Increase per second of each counter that both looks have; one that fell was reset and has no rate this time. */
export function rates(now: Counters, before: Counters | undefined, seconds: number): SeriesValue[] {
  if (!before || seconds <= 0) return [];
  const earlier = new Map(before.map((counter) => [keyOf(counter), counter.value]));
  return now.flatMap((counter) => {
    const from = earlier.get(keyOf(counter));
    if (from === undefined || counter.value < from) return [];
    return [{ ...counter, value: (counter.value - from) / seconds }];
  });
}
