import { type InstantValue, type Matcher, type Metrics, patternTest } from '@flotilla/metrics';
import type { Labels, Selector } from './ast.ts';

export interface Element {
  /** Without the metric's name; the host is `instance`. */
  labels: Labels;
  value: number;
}

export interface RangeElement {
  labels: Labels;
  /** Oldest first. */
  points: readonly (readonly [at: number, value: number])[];
}

/** Where the values of an expression come from. */
export interface SeriesSource {
  instant(selector: Selector, at: number): Promise<Element[]>;
  range(selector: Selector, rangeMs: number, at: number): Promise<RangeElement[]>;
}

/** Series that are computed when they are asked for, by name. */
export type ComputedSeries = Readonly<Record<string, (at: number) => Promise<Element[]>>>;

/** The kept history; what is asked twice within one evaluation is read once. `hosts`: whose series count. */
export function metricsSource(
  metrics: Pick<Metrics, 'instant' | 'points'>,
  options: { hosts: readonly string[]; computed?: ComputedSeries },
): SeriesSource {
  const instants = new Map<string, Promise<Element[]>>();
  const ups = new Map<string, Promise<InstantValue[]>>();
  const ranges = new Map<string, Promise<RangeElement[]>>();
  const computed = options.computed ?? {};

  const remembered = <T>(
    cache: Map<string, Promise<T>>,
    key: unknown,
    read: () => Promise<T>,
  ): Promise<T> => {
    const text = JSON.stringify(key);
    const known = cache.get(text) ?? read();
    cache.set(text, known);
    return known;
  };
  const query = ({ name, matchers }: Selector) => ({
    name,
    hosts: options.hosts.filter((host) =>
      matchers.every((one) => one.label !== 'instance' || matches(one, host)),
    ),
    matchers: matchers.filter(({ label }) => label !== 'instance'),
  });

  /** A missed look ends all series of a host, as a failed scrape does in Prometheus. */
  const darkHosts = async (at: number): Promise<(host: string) => boolean> => {
    const up = await remembered(ups, at, () => metrics.instant({ name: 'up', hosts: options.hosts, at }));
    const dark = new Set(up.filter(({ value }) => value === 0).map(({ host }) => host));
    return (host) => dark.has(host);
  };

  return {
    instant: (selector, now) =>
      remembered(instants, [selector, now], async () => {
        const at = now - selector.offsetMs;
        const compute = Object.hasOwn(computed, selector.name) ? computed[selector.name] : undefined;
        if (compute)
          return (await compute(at)).filter(({ labels }) =>
            selector.matchers.every((one) => matches(one, labels[one.label] ?? '')),
          );
        const found = await metrics.instant({ ...query(selector), at });
        const isDark = selector.name === 'up' ? () => false : await darkHosts(at);
        return found
          .filter(({ host }) => !isDark(host))
          .map(({ host, labels, value }) => ({ labels: { ...labels, instance: host }, value }));
      }),
    range: (selector, rangeMs, now) =>
      remembered(ranges, [selector, rangeMs, now], async () => {
        const to = now - selector.offsetMs;
        const found = await metrics.points({ ...query(selector), from: to - rangeMs + 1, to });
        return found.map(({ host, labels, points }) => ({ labels: { ...labels, instance: host }, points }));
      }),
  };
}

/** Regular expressions are anchored at both ends, as in Prometheus. */
export function matches({ op, value }: Pick<Matcher, 'op' | 'value'>, text: string): boolean {
  if (op === '=') return text === value;
  if (op === '!=') return text !== value;
  const found = patternTest(value)?.(text) ?? false;
  return op === '=~' ? found : !found;
}
