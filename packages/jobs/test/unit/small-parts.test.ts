import { FlotillaError } from '@flotilla/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isCertainlyDead, thisProcess } from '../../src/driver/machine.ts';
import { SilenceMeter } from '../../src/driver/silence.ts';
import { commandId, newRunId, parseTicketId, runFence, ticketId, ulid } from '../../src/ids.ts';
import { brokenStart, completeLength, headAndTail } from '../../src/output/head-and-tail.ts';
import { LiveTail, lastLines } from '../../src/run/live-tail.ts';
import { judge } from '../../src/steps/retry.ts';
import { canonicalJson } from '../../src/store/digest.ts';
import { openArgs, secretPathsOf, storeArgs } from '../../src/store/stored-args.ts';
import { testCipher } from '../fixtures/cipher.ts';

test('ULIDs are well formed, distinct and sort by time', () => {
  const ids = Array.from({ length: 1000 }, () => ulid(1_700_000_000_000));
  expect(new Set(ids).size).toBe(1000);
  for (const id of ids) expect(id).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
  expect(ulid(1_700_000_000_000) < ulid(1_700_000_000_001)).toBe(true);
  expect(ulid(0).slice(0, 10)).toBe('0000000000');
});

test('command ids are safe names, and distinct per alias, key and attempt', () => {
  const run = newRunId(Date.now());
  const ids = [
    commandId(run, 'a.b', 'web1', 1),
    commandId(run, 'a_b', 'web1', 1),
    commandId(run, 'a.b', 'web2', 1),
    commandId(run, 'a.b', 'web1', 2),
  ];
  expect(new Set(ids).size).toBe(4);
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{1,120}$/);
  expect(commandId(run, 'k'.repeat(40), 'web1', 99999).length).toBeLessThanOrEqual(120);
  expect(parseTicketId(ticketId(run, 3))).toEqual({ runId: run, epoch: 3 });
  expect(runFence(2, 1)).toBeGreaterThan(runFence(1, 999_999));
});

test('silence is measured on the own clock, and time not looked at does not count', () => {
  const meter = new SilenceMeter(250);
  const look = (beat: number, now: number): number => meter.look([{ id: 'a', beat }], now).get('a') ?? -1;
  expect(look(1, 0)).toBe(0);
  expect(look(1, 200)).toBe(200);
  expect(look(1, 400)).toBe(400);
  expect(look(2, 600)).toBe(0);
  expect(look(2, 60_000)).toBe(250);
  expect(meter.look([], 60_100).size).toBe(0);
  expect(look(2, 60_200)).toBe(0);
});

test('a process is dead when it is gone or another one has its pid, and only on this machine', () => {
  const me = thisProcess();
  expect(isCertainlyDead(me)).toBe(false);
  expect(isCertainlyDead({ ...me, started: '1' })).toBe(true);
  expect(isCertainlyDead({ ...me, pid: 2 ** 22 - 1 })).toBe(true);
  expect(isCertainlyDead({ ...me, pid: 2 ** 22 - 1, machine: 'another' })).toBe(false);
});

test('tries end at the limit, wait longer each time, and only for listed causes', () => {
  const down = new FlotillaError('CONNECTION_FAILED', 'down');
  const policy = { maxAttempts: 4, backoffMs: 100, maxBackoffMs: 250 };
  expect([1, 2, 3].map((tries) => judge(down, tries, policy).retryInMs)).toEqual([100, 200, 250]);
  expect(judge(down, 4, policy)).toMatchObject({ error: { code: 'RETRY_LIMIT_EXCEEDED' } });
  expect(judge(down, 1)).toEqual({ error: down });
  expect(judge(new FlotillaError('AUTH_FAILED', 'no'), 1, policy).retryInMs).toBeUndefined();
  expect(judge(down, 1, { ...policy, on: ['TIMEOUT'] }).retryInMs).toBeUndefined();
});

test('head and tail of text never cut a character', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.integer({ min: 8, max: 120 }),
      (text, limit) => {
        const bytes = Buffer.from(text);
        const shown = headAndTail(bytes.length, limit, (from, length) => bytes.subarray(from, from + length));
        expect(shown.bytes).toBe(bytes.length);
        if (!shown.truncated) {
          expect(shown.text).toBe(text);
          return;
        }
        const [head = '', tail = ''] = shown.text.split(/\n\[… \d+ bytes left out …\]\n/);
        expect(text.startsWith(head)).toBe(true);
        expect(text.endsWith(tail)).toBe(true);
        const missing = Number(/\[… (\d+) bytes/.exec(shown.text)?.[1]);
        expect(Buffer.byteLength(head) + Buffer.byteLength(tail) + missing).toBe(bytes.length);
      },
    ),
  );
  expect(completeLength(Buffer.from('a€').subarray(0, 3))).toBe(1);
  expect(brokenStart(Buffer.from('€a').subarray(1))).toBe(2);
  expect(completeLength(Buffer.alloc(0))).toBe(0);
});

test('the tail keeps the last lines and labels hosts', () => {
  const tail = new LiveTail(true);
  for (let n = 0; n < 100; n++) tail.push(n % 50 < 25 ? 'a' : 'b', `line ${n}\n`);
  expect(tail.text.endsWith('[b]\nline 75\n') || tail.text.includes('[b]\nline 75\n')).toBe(true);
  expect(tail.text.split('\n')).toHaveLength(41);
  expect(lastLines('x'.repeat(10_000))).toHaveLength(4096);
});

test('equal values have one canonical text', () => {
  expect(canonicalJson({ b: [1, { d: undefined, c: null }], a: 'x' })).toBe('{"a":"x","b":[1,{"c":null}]}');
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const normal: unknown = JSON.parse(JSON.stringify(value));
      expect(JSON.parse(canonicalJson(normal))).toEqual(normal);
    }),
  );
});

test('arguments come back as they were, whatever was secret', () => {
  const cipher = testCipher();
  const args = { a: 1, secret: 'p', deep: { key: { k: 'v' }, other: [1] }, list: ['x'] };
  const paths = ['secret', 'deep.key', 'list', 'absent', 'deep.absent.more', '__proto__.x'];
  const stored = storeArgs(args, paths, cipher, undefined);
  expect(JSON.parse(stored).plain).toEqual({ a: 1, deep: { other: [1] } });
  expect(openArgs(stored, cipher)).toEqual(args);
  expect(secretPathsOf(stored)).toEqual(paths);
  expect(openArgs(storeArgs(args, [], cipher, undefined), cipher)).toEqual(args);
});
