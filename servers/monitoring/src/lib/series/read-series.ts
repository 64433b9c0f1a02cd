import { FlotillaError, type ToolContext } from '@flotilla/core';
import { type Gap, MAX_PATTERN, type Matcher, type Metrics, patternTest } from '@flotilla/metrics';
import { type Aggregate, type CompactSeries, compact, type Frame, groupSeries } from './compact.ts';
import { metricsStore } from './metrics-store.ts';
import { unitOf } from './units.ts';

export interface SeriesWanted extends Frame {
  hosts: readonly string[];
  names: readonly string[];
  matchers: readonly Matcher[];
  aggregate: Aggregate;
  by?: string | undefined;
}

/** `{mountpoint: "/", device: "~vd.*", fstype: "!tmpfs"}` as matchers. */
export function matchersOf(labels: Readonly<Record<string, string>> = {}): Matcher[] {
  return Object.entries(labels).map(([label, text]) => {
    const [, not = '', regex = '', value = ''] = /^(!?)(~?)(.*)$/s.exec(text) ?? [];
    if (regex !== '') checkPattern(label, value);
    const op = regex ? (not ? '!~' : '=~') : not ? '!=' : '=';
    return { label, op, value };
  });
}

function checkPattern(label: string, pattern: string): void {
  if (!patternTest(pattern))
    throw new FlotillaError(
      'INVALID_INPUT',
      `The pattern of the label ${label} is no regular expression of RE2 with at most ${MAX_PATTERN} characters.`,
    );
}

/** The step that is really there: what lies far back is kept in wider steps. */
const ACTUAL: Readonly<Record<string, number>> = { raw: 1_000, '5m': 300_000, '1h': 3_600_000 };

export async function readSeries(metrics: Metrics, wanted: SeriesWanted): Promise<CompactSeries[]> {
  const { hosts, matchers, from, to, stepMs, aggregate, by } = wanted;
  const all: CompactSeries[] = [];
  for (const name of wanted.names) {
    const found = await metrics.buckets({ hosts, name, matchers, from, to, stepMs });
    const widest = Math.max(stepMs, ...found.map(({ tier }) => ACTUAL[tier] ?? 0));
    const frame = { from, to, stepMs: widest };
    for (const group of groupSeries(found, by)) {
      const one = compact(group, { name, unit: unitOf(name), how: aggregate, frame });
      if (one) all.push(one);
    }
  }
  return all;
}

/** Said when there is nothing: is nothing sampled at all, or not this? */
export async function whyNothing(
  context: ToolContext,
  hosts: readonly string[],
  names: readonly string[],
): Promise<string> {
  const metrics = await context.use(metricsStore);
  const known = await metrics.series(hosts);
  if (known.length === 0)
    return 'There is no history of these hosts: sampling is on while Flotilla serves over HTTP, or with servers.monitoring.sample: true in the config.';
  const missing = names.filter((name) => !known.some((one) => one.name === name));
  if (missing.length > 0)
    return `No such series: ${missing.join(', ')}. metrics_query without names lists those there are.`;
  return 'No samples in this time with these labels.';
}

export const gapText = ({ host, from, until, count, reason, detail }: Gap): string =>
  `${host}: no answer ${new Date(from).toISOString()} to ${new Date(until).toISOString()} (${count} × ${reason}${detail ? `: ${detail}` : ''})`;
