import { setTimeout as delay } from 'node:timers/promises';
import type { Hosts, Logger } from '@flotilla/core';
import type { Metrics } from '@flotilla/metrics';
import { HostMemory } from './host-memory.ts';
import { look } from './look.ts';
import { type MissReason, missReason } from './miss-reason.ts';
import { nextBeat, pauseAfter, phaseOf } from './pace.ts';
import { hostClock, type Reading } from './reading.ts';
import { toSeries } from './to-series.ts';

export interface SampleHostInput {
  alias: string;
  intervalMs: number;
  hosts: Hosts;
  metrics: Metrics;
  log: Logger;
  /** The last reading that is kept of this host. */
  before: Reading | undefined;
  signal: AbortSignal;
}

/** A look that takes longer is missed: it must be over before the next one. */
const timeoutOf = (intervalMs: number): number => Math.min(15_000, Math.round(intervalMs * 0.9));

/** A full disk is said once in this time per host, not at every beat. */
const QUIET_MS = 10 * 60_000;

interface Failing {
  reason: MissReason;
  detail: string;
  count: number;
  until: number;
}

/** Looks at one host at every beat, until the signal. Never rejects. */
export async function sampleHost(input: SampleHostInput): Promise<void> {
  const { alias, intervalMs, metrics, log, signal } = input;
  const memory = new HostMemory(input.before);
  const phase = phaseOf(alias);
  let failing: Failing | undefined;
  let quietUntil = 0;
  while (!signal.aborted) {
    const now = Date.now();
    await delay(nextBeat(now, intervalMs, phase) - now, undefined, { signal, ref: false }).catch(
      () => undefined,
    );
    if (signal.aborted) return;
    const at = Date.now();
    try {
      if (failing && at < failing.until) {
        await metrics.miss([{ host: alias, at, reason: failing.reason, detail: failing.detail }]);
        continue;
      }
      failing = await oneLook(input, memory, at, failing);
    } catch (error) {
      if (signal.aborted || at < quietUntil) continue;
      quietUntil = at + QUIET_MS;
      log.warn({ err: error, alias }, 'samples cannot be kept');
    }
  }
}

async function oneLook(
  { alias, intervalMs, hosts, metrics, signal }: SampleHostInput,
  memory: HostMemory,
  at: number,
  failing: Failing | undefined,
): Promise<Failing | undefined> {
  const names = memory.asksNames(at);
  let seen: Reading;
  try {
    seen = await look(hosts, alias, { names, timeoutMs: timeoutOf(intervalMs), signal });
  } catch (error) {
    if (signal.aborted) return failing;
    const { reason, detail } = missReason(error);
    const count = failing?.reason === reason ? failing.count + 1 : 1;
    await metrics.miss([{ host: alias, at, reason, detail }]);
    return { reason, detail, count, until: at + pauseAfter(reason, count, intervalMs) - intervalMs / 2 };
  }
  const tookMs = Date.now() - at;
  const reading = memory.named(seen, names, at);
  const clock = hostClock(reading);
  const values = [
    ...toSeries(reading, memory.before),
    { name: 'scrape_duration_seconds', value: tookMs / 1000 },
    ...(clock > 0 ? [{ name: 'clock_offset_seconds', value: (clock - (at + tookMs / 2)) / 1000 }] : []),
  ];
  memory.before = reading;
  await metrics.append([{ host: alias, at, values, reading: JSON.stringify(reading) }]);
  return undefined;
}
