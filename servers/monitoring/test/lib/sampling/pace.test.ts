import { FlotillaError } from '@flotilla/core';
import { expect, test } from 'vitest';
import { HostMemory } from '../../../src/lib/sampling/host-memory.ts';
import { missReason } from '../../../src/lib/sampling/miss-reason.ts';
import { nextBeat, pauseAfter, phaseOf } from '../../../src/lib/sampling/pace.ts';
import type { Container, Reading } from '../../../src/lib/sampling/reading.ts';
import { samplingSettings } from '../../../src/lib/sampling/settings.ts';

test('beats come at even times of the own phase, and never twice', () => {
  expect(nextBeat(1_000, 15_000, 0)).toBe(15_000);
  expect(nextBeat(15_000, 15_000, 0)).toBe(30_000);
  expect(nextBeat(15_000, 15_000, 0.5)).toBe(22_500);
  const phase = phaseOf('web1');
  for (let now = 0; now < 100_000; now += 777) {
    const beat = nextBeat(now, 15_000, phase);
    expect(beat).toBeGreaterThan(now);
    expect(beat - now).toBeLessThanOrEqual(15_000);
  }
});

test('hosts are spread over the interval', () => {
  const phases = Array.from({ length: 60 }, (_, index) => phaseOf(`web${index}`));
  for (const quarter of [0, 0.25, 0.5, 0.75])
    expect(phases.filter((phase) => phase >= quarter && phase < quarter + 0.25).length).toBeGreaterThan(3);
});

test('a login that is refused is not tried at every beat; an unreachable host every minute at least', () => {
  const pauses = (reason: 'auth' | 'net') =>
    [1, 2, 3, 10, 1_000].map((failures) => pauseAfter(reason, failures, 15_000));
  expect(pauses('auth')).toEqual([15_000, 30_000, 60_000, 900_000, 900_000]);
  expect(pauses('net')).toEqual([15_000, 30_000, 60_000, 60_000, 60_000]);
  expect(pauseAfter('net', 5, 300_000)).toBe(300_000);
});

test('why a look gave nothing, in one word', () => {
  const reason = (
    code: 'AUTH_FAILED' | 'CONNECTION_FAILED' | 'COMMAND_TIMEOUT' | 'HOST_KEY_MISMATCH' | 'CONFLICT',
  ) => missReason(new FlotillaError(code, 'x')).reason;
  expect(reason('AUTH_FAILED')).toBe('auth');
  expect(reason('CONNECTION_FAILED')).toBe('net');
  expect(reason('COMMAND_TIMEOUT')).toBe('timeout');
  expect(reason('HOST_KEY_MISMATCH')).toBe('host_key');
  expect(reason('CONFLICT')).toBe('error');
  expect(missReason(new Error('y'.repeat(9_000))).detail).toHaveLength(300);
});

test('sampling is on over HTTP, off over stdio, and as the config says', () => {
  const enabled = (config: Record<string, unknown>, longLived?: boolean) =>
    samplingSettings({ config, ...(longLived !== undefined && { longLived }) }).enabled;
  expect(enabled({})).toBe(false);
  expect(enabled({}, false)).toBe(false);
  expect(enabled({}, true)).toBe(true);
  expect(enabled({ sample: false }, true)).toBe(false);
  expect(enabled({ sample: true }, false)).toBe(true);
});

const look = (...containers: Container[]): Reading => ({ containers }) as Reading;
const names = (reading: Reading) => reading.containers.map(({ id, name }) => name ?? id);

test('a container is shown from the look on that asked for its name', () => {
  const memory = new HostMemory();
  expect(names(memory.named(look({ id: 'a' }), false, 0))).toEqual([]);
  expect(memory.asksNames(15_000)).toBe(true);
  expect(names(memory.named(look({ id: 'a', name: 'web' }), true, 15_000))).toEqual(['web']);
  expect(memory.asksNames(30_000)).toBe(false);
  expect(names(memory.named(look({ id: 'a' }), false, 30_000))).toEqual(['web']);
});

test('an engine that does not tell is asked again after ten minutes, the container has its id meanwhile', () => {
  const memory = new HostMemory();
  memory.named(look({ id: 'a' }), false, 0);
  expect(names(memory.named(look({ id: 'a' }), true, 0))).toEqual(['a']);
  expect(memory.asksNames(60_000)).toBe(false);
  expect(memory.asksNames(600_000)).toBe(true);
  memory.named(look({ id: 'a' }, { id: 'b' }), false, 60_000);
  expect(memory.asksNames(75_000)).toBe(true);
});

test('what a process before this one knew is known', () => {
  const memory = new HostMemory(look({ id: 'a', name: 'web' }));
  expect(names(memory.named(look({ id: 'a' }), false, 0))).toEqual(['web']);
});
