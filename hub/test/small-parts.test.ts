import { openSync } from 'node:fs';
import { createLogger, LogRing } from '@flotilla/core';
import { expect, test } from 'vitest';
import { backoffMs } from '../src/backend/remote/backoff.ts';
import { cappedBody } from '../src/backend/remote/capped-body.ts';
import { lineSplitter } from '../src/backend/remote/lines.ts';
import { stderrLog } from '../src/backend/remote/stderr-log.ts';
import { Changes } from '../src/changes.ts';

test('the backoff doubles up to its cap, between half and all of it', () => {
  const backoff = { firstMs: 100, maxMs: 1_000 };
  const all = [0, 1, 2, 3, 4, 50, 5_000].map((attempt) => [
    backoffMs(attempt, backoff, () => 0),
    backoffMs(attempt, backoff, () => 0.999_999),
  ]);
  expect(all).toEqual([
    [50, 100],
    [100, 200],
    [200, 400],
    [400, 800],
    [500, 1_000],
    [500, 1_000],
    [500, 1_000],
  ]);
});

test('lines are the same however the bytes are cut', () => {
  const bytes = Buffer.from('one\n\nünï\r\ntoo long line\nlast\nrest');
  for (let size = 1; size <= bytes.length; size += 1) {
    const seen: string[] = [];
    const split = lineSplitter({
      maxBytes: 8,
      onLine: (line) => seen.push(line),
      onTooLong: () => seen.push('TOO LONG'),
    });
    for (let at = 0; at < bytes.length; at += size) split(bytes.subarray(at, at + size));
    expect(seen, `chunks of ${size}`).toEqual(['one', '', 'ünï\r', 'TOO LONG', 'last']);
  }
});

test('the log of a child is capped, its control characters are visible, its last words are kept', () => {
  const ring = new LogRing();
  const fd = openSync('/dev/null', 'w');
  let now = 0;
  const stderr = stderrLog(createLogger({ level: 'info', ring, fd }), () => now);
  stderr.write(Buffer.from(`\u001b[31mred\u001b[0m\n\n${'x'.repeat(5_000)}\n`));
  for (let at = 0; at < 500; at += 1) stderr.write(Buffer.from(`line ${at}\n`));
  expect(ring.search({ search: '␛[31mred', limit: 10 })).toHaveLength(1);
  expect(ring.search({ search: '[line too long]', limit: 10 })).toHaveLength(1);
  expect(ring.search({ search: 'server says', limit: 1_000 })).toHaveLength(100);
  now = 11_000;
  stderr.write(Buffer.from('after\n'));
  expect(ring.search({ search: 'left out of the log' })[0]).toMatchObject({ dropped: 402 });
  expect(stderr.tail().split('\n')).toHaveLength(10);
  expect(stderr.tail()).toMatch(/line 499\nafter$/);
});

test('a body within the cap passes unchanged and tells its end once', async () => {
  const ends: unknown[] = [];
  const body = new Response('x'.repeat(1_000)).body as ReadableStream<Uint8Array>;
  const capped = cappedBody(body, {
    maxBytes: 1_000,
    eventStream: false,
    onEnd: (error) => ends.push(error),
  });
  expect(await new Response(capped).text()).toBe('x'.repeat(1_000));
  expect(ends).toEqual([undefined]);
});

test('a body over the cap fails; of an event stream each line counts for itself', async () => {
  const lines = () => new Response('data: 12345\n'.repeat(100)).body as ReadableStream<Uint8Array>;
  const ends: unknown[] = [];
  const options = { maxBytes: 1_199, onEnd: (error?: unknown) => ends.push(error) };
  await expect(new Response(cappedBody(lines(), { ...options, eventStream: false })).text()).rejects.toThrow(
    'larger than 1199',
  );
  expect(ends[0]).toBeInstanceOf(Error);
});

test('a listener that throws does not keep the others from hearing', () => {
  const changes = new Changes();
  const heard: number[] = [];
  changes.listen(() => {
    throw new Error('mine');
  });
  const stop = changes.listen(() => heard.push(1));
  changes.tell();
  stop();
  changes.tell();
  expect(heard).toEqual([1]);
});
