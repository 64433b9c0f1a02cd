import { describe, expect, test } from 'vitest';
import { compare, weightOf } from '../../src/lib/logs/digest.ts';
import { groupEntries, plainOrigin } from '../../src/lib/logs/groups.ts';
import { levelOf } from '../../src/lib/logs/level.ts';
import { timeOf } from '../../src/lib/logs/line-time.ts';
import { normalise } from '../../src/lib/logs/normalise.ts';
import { timeArgument } from '../../src/lib/logs/query.ts';
import { globText } from '../../src/lib/logs/search-script.ts';
import { isBinary } from '../../src/lib/logs/tail.ts';

const clock = { offsetMinutes: 60, nowMs: Date.parse('2026-01-02T00:00:00Z') };

describe('the time of a line', () => {
  test.each([
    ['2026-01-01T10:00:00.250Z starting', '2026-01-01T10:00:00.250Z', 'starting'],
    ['2026-01-01T10:00:00+02:00 host app: x', '2026-01-01T08:00:00.000Z', 'host app: x'],
    [
      '2026-01-01 10:00:00,123 fail2ban.actions [1]: NOTICE',
      '2026-01-01T09:00:00.123Z',
      'fail2ban.actions [1]: NOTICE',
    ],
    ['2026/01/01 10:00:00 [error] 7#7: boom', '2026-01-01T09:00:00.000Z', '[error] 7#7: boom'],
    ['Jan  1 10:00:00 web sshd[7]: Failed', '2026-01-01T09:00:00.000Z', 'web sshd[7]: Failed'],
    ['Dec 31 23:30:00 web x', '2025-12-31T22:30:00.000Z', 'web x'],
    [
      '1.2.3.4 - - [01/Jan/2026:10:00:00 +0000] "GET / HTTP/1.1" 500 1',
      '2026-01-01T10:00:00.000Z',
      '1.2.3.4 - - "GET / HTTP/1.1" 500 1',
    ],
    [
      '{"level":"error","ts":1767261600.5,"msg":"x"}',
      '2026-01-01T10:00:00.500Z',
      '{"level":"error","ts":1767261600.5,"msg":"x"}',
    ],
  ])('%s', (line, time, rest) => {
    const found = timeOf(line, clock);
    expect(new Date(found.timeMs ?? 0).toISOString()).toBe(time);
    expect(found.rest).toBe(rest);
  });

  test('a line without one stays as it is', () => {
    expect(timeOf('    at Object.run (app.js:3)', clock)).toEqual({ rest: '    at Object.run (app.js:3)' });
    expect(timeOf('Foo 99 99:99:99 x', clock)).toEqual({ rest: 'Foo 99 99:99:99 x' });
  });
});

test.each([
  ['1.2.3.4 "GET /error HTTP/1.1" 200 12', 'info'],
  ['1.2.3.4 "GET / HTTP/1.1" 502 12', 'error'],
  ['1.2.3.4 "GET / HTTP/1.1" 404 12', 'warning'],
  ['{"level":"warn","msg":"no error"}', 'warning'],
  ['{"level":"info","msg":"0 errors"}', 'info'],
  ['kernel: Out of memory: Killed process 7 (x)', 'critical'],
  ['write failed: No space left on device', 'critical'],
  ['sshd[7]: Failed password for root', 'error'],
  ['[error] 7#7: connect() failed', 'error'],
  ['all is well', 'info'],
])('the level of %s is %s', (line, level) => {
  expect(levelOf(line)).toBe(level);
});

test('messages that differ in numbers, addresses and ids are one', () => {
  const one = normalise('Failed password for root from 203.0.113.7 port 4711 ssh2 (7f3a9c21deadbeef)');
  expect(normalise('Failed password for root from 198.51.100.9 port 22 ssh2 (00ff9c21deadbee1)')).toBe(one);
  expect(one).toBe('Failed password for root from <ip> port <n> ssh<n> (<hex>)');
  expect(normalise('id 6d5f6f0e-1111-4222-8333-abcdefabcdef at 2026-01-01T10:00:00Z over fe80::1')).toBe(
    'id <uuid> at <time> over <ip>',
  );
});

test('rotations of a file are one origin', () => {
  for (const path of [
    '/var/log/syslog',
    '/var/log/syslog.1',
    '/var/log/syslog.12.gz',
    '/var/log/syslog-20261120.xz',
  ])
    expect(plainOrigin(path)).toBe('/var/log/syslog');
});

test('groups are worst first and count', () => {
  const entry = (message: string, timeMs: number, level: 'info' | 'error') => ({
    source: 'file' as const,
    origin: '/x',
    message,
    timeMs,
    level,
  });
  const groups = groupEntries([
    entry('took 5 ms', 1000, 'info'),
    entry('took 7 ms', 2000, 'info'),
    entry('bad 1', 3000, 'error'),
  ]);
  expect(groups.map(({ count, message }) => [count, message])).toEqual([
    [1, 'bad <n>'],
    [2, 'took <n> ms'],
  ]);
  expect(groups[1]).toMatchObject({
    first: '1970-01-01T00:00:01.000Z',
    last: '1970-01-01T00:00:02.000Z',
    example: 'took 7 ms',
  });
});

test('a digest tells new, grown, known and vanished apart; damage outranks numbers', () => {
  const entries = (message: string, count: number, level: 'error' | 'warning' | 'critical') =>
    Array.from({ length: count }, () => ({ source: 'file' as const, origin: '/x', message, level }));
  const groups = groupEntries([
    ...entries('many', 900, 'error'),
    ...entries('No space left on device', 1, 'warning'),
    ...entries('old', 10, 'error'),
    ...entries('same', 10, 'error'),
  ]);
  const seen = groupEntries([
    ...entries('old', 1, 'error'),
    ...entries('same', 1, 'error'),
    ...entries('away', 1, 'error'),
  ]).map((group) => ({
    ...group,
    firstSeen: 1,
    lastSeen: 2,
    rate: group.message === 'old' ? 2 : 9,
    present: true,
  }));
  const digest = compare(groups, seen, 3_600_000);
  expect(digest.fresh.map(({ message }) => message)).toEqual(['No space left on device', 'many']);
  expect(digest.grown).toMatchObject([{ message: 'old', before: 2, now: 10 }]);
  expect(digest.known.map(({ message }) => message)).toEqual(['same']);
  expect(digest.vanished.map(({ message }) => message)).toEqual(['away']);
  expect(weightOf(groups[0] as never)).toBeGreaterThan(0);
});

test('spans and times of arguments', () => {
  const now = Date.parse('2026-01-02T00:00:00Z');
  expect(timeArgument('since', '2h', now)).toBe(now - 7_200_000);
  expect(timeArgument('since', '2026-01-01T00:00:00Z', now)).toBe(now - 86_400_000);
  expect(() => timeArgument('since', 'yesterday; rm -rf /', now)).toThrow(/since is neither/);
});

test('of a path only * and ? mean something to the shell', () => {
  expect(globText('/srv/a b/*.log')).toBe("'/srv/a b/'*'.log'");
  expect(globText('/x/$(id)')).toBe("'/x/$(id)'");
});

test('binary is what holds a NUL or is mostly no UTF-8', () => {
  expect(isBinary('a\0b')).toBe(true);
  expect(isBinary('\ufffd'.repeat(500))).toBe(true);
  expect(isBinary('caf\ufffd and 20 words of text')).toBe(false);
});
