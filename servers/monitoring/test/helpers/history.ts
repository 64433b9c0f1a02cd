import { join } from 'node:path';
import { type Labels, type Metrics, openMetrics } from '@flotilla/metrics';

/** A value over time: `at` in epoch milliseconds. */
export type Shape = (at: number) => number;

export interface Played {
  host: string;
  name: string;
  labels?: Labels;
  value: Shape;
}

/** The history of the process under test, for playing samples into it. */
export const historyOf = (dataDir: string): Metrics => openMetrics({ file: join(dataDir, 'metrics.sqlite') });

/** Plays series into a history: one sample per step, ending now. Returns the time of the last one. */
export async function play(
  metrics: Metrics,
  series: readonly Played[],
  { days, stepMs = 3_600_000, until = Date.now() }: { days: number; stepMs?: number; until?: number },
): Promise<number> {
  const last = Math.floor(until / stepMs) * stepMs;
  const steps = Math.round((days * 86_400_000) / stepMs);
  const hosts = [...Map.groupBy(series, ({ host }) => host)];
  for (let index = steps; index >= 0; index -= 500) {
    const batch = Array.from(
      { length: Math.min(500, index + 1) },
      (_, offset) => last - (index - offset) * stepMs,
    );
    await metrics.append(
      batch.flatMap((at) =>
        hosts.map(([host, own]) => ({
          host,
          at,
          values: own.map(({ name, labels, value }) => ({
            name,
            ...(labels && { labels }),
            value: value(at),
          })),
        })),
      ),
    );
  }
  return last;
}
