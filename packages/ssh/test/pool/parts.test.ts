import { FlotillaError } from '@flotilla/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { offeredAlgorithms } from '../../src/connect/algorithms.ts';
import { backoffMs } from '../../src/pool/backoff.ts';
import { connectionsToStart } from '../../src/pool/growth.ts';
import { handshakeGate, serverKey } from '../../src/pool/handshake-gate.ts';
import { limiter } from '../../src/pool/limiter.ts';
import { revival } from '../../src/pool/revival.ts';

const down = new FlotillaError('CONNECTION_FAILED', 'down');

test('a limiter runs that many at most, in order, and survives failures', async () => {
  const one = limiter(3);
  let running = 0;
  let most = 0;
  const started: number[] = [];
  const task = (n: number) => async () => {
    started.push(n);
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    if (n % 4 === 0) throw new Error('planned');
  };
  const all = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => one.run(task(n))));
  expect(most).toBe(3);
  expect(started).toEqual(started.map((_, n) => n));
  expect(all.filter((result) => result.status === 'rejected')).toHaveLength(5);
});

test('the gate holds each server back, not the others', async () => {
  const gate = handshakeGate(1);
  const first = Promise.withResolvers<void>();
  const blocked = gate.run('a', () => first.promise);
  const order: string[] = [];
  const second = gate.run('a', async () => void order.push('a'));
  await gate.run('b', async () => void order.push('b'));
  expect(order).toEqual(['b']);
  first.resolve();
  await Promise.all([blocked, second]);
  expect(order).toEqual(['b', 'a']);
});

test('all loopback addresses with one port are one sshd', () => {
  expect(serverKey('127.0.1.1', 22)).toBe(serverKey('127.0.1.200', 22));
  expect(serverKey('127.0.1.1', 22)).not.toBe(serverKey('127.0.1.1', 23));
  expect(serverKey('127.0.1.1', 22)).not.toBe(serverKey('127.0.1.1', 22, 'bastion'));
  expect(serverKey('10.0.0.1', 22)).not.toBe(serverKey('10.0.0.2', 22));
});

test('connections: one attempt for a host without any, never more than the maximum, none during a pause', () => {
  const number = fc.integer({ min: 0, max: 300 });
  fc.assert(
    fc.property(
      number,
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 0, max: 5 }),
      (uncovered, links, connecting) => {
        const base = {
          uncovered,
          links,
          connecting,
          channelsPerConnection: 8,
          maxConnections: 5,
          growAfter: 0,
          now: 1,
        };
        const start = connectionsToStart(base);
        expect(start).toBeGreaterThanOrEqual(0);
        if (uncovered === 0) expect(start).toBe(0);
        else if (links === 0) expect(start).toBe(connecting === 0 ? 1 : 0);
        else {
          expect(links + Math.max(connecting, connecting + start)).toBeLessThanOrEqual(
            Math.max(5, links + connecting),
          );
          expect(connectionsToStart({ ...base, growAfter: 2 })).toBe(0);
        }
      },
    ),
  );
});

test('pauses double from half a second at least to a minute at most', () => {
  expect([1, 2, 3, 20].map((n) => backoffMs(n, () => 0))).toEqual([500, 1_000, 2_000, 30_000]);
  expect(backoffMs(20, () => 1)).toBe(60_000);
});

test('only a lost connection is brought back, and not for ever', () => {
  const one = revival(() => 0);
  one.failed(down, 0);
  expect(one.dueAt()).toBe(Number.POSITIVE_INFINITY);
  one.lost(1_000);
  expect(one.dueAt()).toBe(1_500);
  one.failed(down, 2_000);
  expect(one.dueAt()).toBe(3_000);
  expect(one.connected()).toEqual({ wasLost: true });
  expect(one.connected()).toEqual({ wasLost: false });
  one.lost(0);
  for (let n = 0; n < 8; n++) one.failed(down, 0);
  expect(one.dueAt()).toBe(Number.POSITIVE_INFINITY);
  one.lost(0);
  one.failed(new FlotillaError('AUTH_FAILED', 'no'), 0);
  expect(one.dueAt()).toBe(Number.POSITIVE_INFINITY);
});

test('chacha20 is never offered beside native ciphers; AES-GCM comes first; known key types come first', () => {
  expect(offeredAlgorithms([], true).cipher.join()).not.toContain('chacha');
  expect(offeredAlgorithms([], false).cipher.at(-1)).toContain('chacha');
  expect(offeredAlgorithms([], true).cipher[0]).toContain('gcm');
  expect(offeredAlgorithms(['ssh-rsa']).serverHostKey.slice(0, 3)).toEqual([
    'rsa-sha2-512',
    'rsa-sha2-256',
    'ssh-rsa',
  ]);
  expect(offeredAlgorithms(['unknown']).serverHostKey).toEqual(offeredAlgorithms([]).serverHostKey);
});
