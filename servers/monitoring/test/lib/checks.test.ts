import { FlotillaError } from '@flotilla/core';
import { describe, expect, test } from 'vitest';
import {
  type CheckDefinition,
  checkedHost,
  parseHostPort,
  parseResolver,
} from '../../src/lib/checks/definition.ts';
import { parseNslookup } from '../../src/lib/checks/look-dns.ts';
import { createPlan } from '../../src/lib/checks/scheduler.ts';
import { type Change, uptimePercent } from '../../src/lib/checks/uptime.ts';
import { type VantageResult, verdictOf } from '../../src/lib/checks/verdict.ts';

const saw = (text: string): VantageResult[] =>
  [...text].map((letter, at) => ({
    from: `v${at}`,
    status: letter === 'u' ? 'up' : letter === 'd' ? 'down' : 'missing',
    ms: at + 1,
    ...(letter !== 'u' && { reason: letter }),
  }));

test.each([
  ['u', undefined, 'up'],
  ['d', undefined, 'down'],
  ['m', undefined, 'unknown'],
  ['', undefined, 'unknown'],
  ['um', undefined, 'up'],
  ['dm', undefined, 'down'],
  ['ud', undefined, 'up'],
  ['udd', undefined, 'down'],
  ['uud', undefined, 'up'],
  ['mmd', undefined, 'down'],
  ['uuud', 1, 'down'],
  ['udd', 3, 'up'],
  ['ddm', 3, 'unknown'],
  ['ddd', 3, 'down'],
  ['umm', 1, 'up'],
] as const)('of %s with quorum %s comes %s', (text, quorum, status) => {
  expect(verdictOf(saw(text), quorum).status).toBe(status);
});

test('time is the median of those that agree; the reason is that of a failure before that of a missing one', () => {
  expect(verdictOf(saw('uuud'))).toEqual({ status: 'up', ms: 2 });
  expect(verdictOf(saw('mdd'))).toEqual({ status: 'down', ms: 2, reason: 'd' });
});

describe('uptime', () => {
  const changes: Change[] = [
    { at: 0, status: 'up' },
    { at: 600, status: 'down' },
    { at: 700, status: 'unknown' },
    { at: 800, status: 'up' },
  ];
  test.each([
    [0, 1000, 88.888],
    [0, 600, 100],
    [600, 700, 0],
    [700, 800, undefined],
    [650, 1000, 80],
    [-500, 0, undefined],
  ])('from %s to %s it is %s %%', (from, to, percent) => {
    expect(uptimePercent(changes, from, to)).toBe(percent);
  });
  test('a moment in a month is not rounded away', () => {
    const month = 30 * 86_400_000;
    expect(
      uptimePercent(
        [
          { at: 0, status: 'down' },
          { at: 1000, status: 'up' },
        ],
        0,
        month,
      ),
    ).toBeLessThan(100);
  });
});

describe('the plan', () => {
  const check = (
    name: string,
    intervalSeconds: number,
    more: Partial<CheckDefinition> = {},
  ): CheckDefinition => ({
    name,
    kind: 'tcp',
    target: 'x:1',
    from: ['hub'],
    intervalSeconds,
    timeoutMs: 1000,
    retries: 0,
    ...more,
  });
  const names = (due: CheckDefinition[]): string[] => due.map(({ name }) => name);

  test('a new check at once, then once per interval, never twice for what was missed', () => {
    const plan = createPlan();
    const all = [check('a', 60)];
    expect(names(plan.due(all, 0))).toEqual(['a']);
    const times: number[] = [];
    for (let now = 1000; now <= 600_000; now += 1000) if (plan.due(all, now).length > 0) times.push(now);
    expect(times.length).toBe(10);
    expect(new Set(times.slice(1).map((time, at) => time - (times[at] ?? 0)))).toEqual(new Set([60_000]));
    expect(names(plan.due(all, 7_200_000))).toEqual(['a']);
    expect(names(plan.due(all, 7_200_500))).toEqual([]);
  });

  test('a clock that is put back puts off nothing', () => {
    const plan = createPlan();
    plan.due([check('a', 60)], 86_400_000);
    expect(names(plan.due([check('a', 60)], 1000))).toEqual(['a']);
    expect(names(plan.due([check('a', 60)], 2000))).toEqual([]);
    expect(names(plan.due([check('a', 60)], 62_000))).toEqual(['a']);
  });

  test('a changed check at once; a removed one no more', () => {
    const plan = createPlan();
    plan.due([check('a', 60), check('b', 60)], 0);
    expect(names(plan.due([check('a', 60, { target: 'y:1' }), check('b', 60)], 500))).toEqual(['a']);
    expect(names(plan.due([], 900_000))).toEqual([]);
    expect(names(plan.due([check('b', 60)], 900_500))).toEqual(['b']);
  });
});

test('targets are parsed strictly: nothing in them reaches a program as an option or as shell text', () => {
  expect(parseHostPort('db.example:5432')).toEqual({ host: 'db.example', port: 5432 });
  expect(parseHostPort('[::1]:80')).toEqual({ host: '::1', port: 80 });
  expect(parseHostPort('example.com', 443)).toEqual({ host: 'example.com', port: 443 });
  for (const wrong of ['x', 'x:0', 'x:70000', '-o:22', 'a b:1', '$(id):1', 'x:1;id', 'http://x:1'])
    expect(() => parseHostPort(wrong), wrong).toThrow(FlotillaError);
  for (const wrong of ['-c', '--help', 'a;b', '$(id)', "a'b", 'a\nb', ''])
    expect(() => checkedHost(wrong), wrong).toThrow(FlotillaError);
});

test('nslookup of BIND and of busybox say the same', () => {
  const head = 'Server:\t\t10.0.0.1\nAddress:\t10.0.0.1#53\n\n';
  expect(
    parseNslookup(
      `${head}Non-authoritative answer:\nName:\tshop.test\nAddress: 203.0.113.7\nName:\tshop.test\nAddress: 203.0.113.8\n`,
    ),
  ).toEqual(['203.0.113.7', '203.0.113.8']);
  expect(
    parseNslookup(
      'Server:    10.0.0.1\nAddress 1: 10.0.0.1\n\nName:      shop.test\nAddress 1: 203.0.113.7 shop.test\n',
    ),
  ).toEqual(['203.0.113.7']);
  expect(parseNslookup(`${head}shop.test\tmail exchanger = 10 mail.test.\n`)).toEqual(['10 mail.test.']);
  expect(parseNslookup(`${head}** server can't find shop.test: NXDOMAIN\n`)).toEqual([]);
});

test('a resolver is an address', () => {
  expect(parseResolver('203.0.113.53')).toEqual({ address: '203.0.113.53', port: 53 });
  expect(parseResolver('127.0.0.1:5353')).toEqual({ address: '127.0.0.1', port: 5353 });
  expect(parseResolver('[2001:db8::53]:54')).toEqual({ address: '2001:db8::53', port: 54 });
  expect(parseResolver('2001:db8::53').address).toBe('2001:db8::53');
  for (const wrong of ['dns.example', '1.2.3', '1.2.3.4:0', '-x', '1.2.3.4;id'])
    expect(() => parseResolver(wrong), wrong).toThrow(FlotillaError);
});
