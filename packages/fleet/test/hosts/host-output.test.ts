import { expect, test } from 'vitest';
import { parseFacts } from '../../src/hosts/facts/host-facts.ts';
import { missingOn } from '../../src/hosts/facts/missing.ts';
import { parseStatus } from '../../src/hosts/status/host-status.ts';
import { statusText } from '../../src/hosts/status/status-text.ts';

const lines = (values: Record<string, string>): string =>
  Object.entries({ ...values, end: 'yes' })
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');

test('numbers of a host are bounded', () => {
  const absurd = [
    '-1',
    '1e999',
    'NaN',
    '99999999999999999999',
    '9999999999999999',
    '0x10',
    '',
    '1;reboot',
    '1.2.3',
  ];
  for (const value of absurd) {
    expect(
      parseStatus(lines({ load1: value, memtotal: value, disk_kib: value, uptime_s: value, cpus: value })),
    ).toEqual({});
    expect(
      parseFacts(lines({ cpus: value, memory_kib: value, uid: value, utc: value }), 0),
    ).not.toHaveProperty('cpus');
  }
  expect(parseStatus(lines({ cpus: '1.5', memtotal: '1.5' }))).toEqual({});
  expect(parseStatus(lines({ load1: '0.25', memtotal: '1024', uptime_s: '12.5', cpus: '2' }))).toEqual({
    load1: 0.25,
    memoryBytes: 1_048_576,
    uptimeS: 12.5,
    cpus: 2,
  });
});

test('text of a host is cut and its control characters are made visible', () => {
  const facts = parseFacts(
    lines({ os: `\u001b[31mEvil\u0007 ${'x'.repeat(10_000)}`, hostname: '\u202Eabc' }),
    0,
  );
  expect(facts?.os).toMatch(/^␛\[31mEvil␇ x+$/);
  expect(facts?.os?.length).toBe(200);
  expect(facts?.hostname).toBe('<U+202E>abc');
});

test('lines that are not ours, repeated ones and prototypes change nothing', () => {
  const output = `Welcome!\n__proto__=1\nconstructor=2\nos=first\nos=second\nprograms=evil\nhas=rm\nhas=tar\n${'x=1\n'.repeat(400)}end=yes`;
  const facts = parseFacts(output, 0);
  expect(facts).toMatchObject({ os: 'first', programs: ['tar'] });
  expect(Object.keys(facts ?? {})).not.toContain('constructor');
});

test('an answer without its end is none', () => {
  expect(parseFacts('os=Debian\n', 0)).toBeUndefined();
  expect(parseStatus('load1=1\n')).toBeUndefined();
  expect(parseStatus(`${'x=1\n'.repeat(600)}end=yes`)).toBeUndefined();
});

test('the clock of the host is told beside ours', () => {
  expect(parseFacts(lines({ utc: '1000' }), 990_400)?.clockOffsetMs).toBe(10_000);
});

test('KillUserProcesses is told for users that logind does not spare', () => {
  const kills = (uid: string, value: string): boolean | undefined =>
    parseFacts(lines({ uid, kill_user_processes: value }), 0)?.killUserProcesses;
  expect(kills('1000', 'b true')).toBe(true);
  expect(kills('1000', 'yes')).toBe(true);
  expect(kills('1000', 'b false')).toBe(false);
  expect(kills('1000', 'no')).toBe(false);
  expect(kills('0', 'b true')).toBe(false);
});

test('what is missing names the tools that need it', () => {
  const facts = parseFacts(`${lines({ uid: '1000', kill_user_processes: 'yes' })}\nhas=proc\nhas=script`, 0);
  if (!facts) throw new Error('no facts');
  const missing = missingOn(facts, 'nopasswd');
  expect(missing.map((one) => one.what)).toEqual([
    'setsid',
    'tar',
    'sha256sum',
    'KillUserProcesses=no in logind',
    'sudo without a password',
  ]);
  const all = {
    ...facts,
    programs: ['setsid', 'ps', 'script', 'tar', 'sha256sum'],
    killUserProcesses: false,
  };
  expect(missingOn(all, 'none')).toEqual([]);
});

test('what needs attention comes first', () => {
  const GIB = 2 ** 30;
  const text = statusText([
    {
      alias: 'full',
      online: true,
      status: { diskBytes: 100 * GIB, diskUsedBytes: 97 * GIB, diskFreeBytes: 3 * GIB },
    },
    {
      alias: 'busy',
      online: true,
      status: { load1: 9, load5: 9, load15: 9, cpus: 4, memoryBytes: GIB, memoryAvailableBytes: GIB / 20 },
    },
    {
      alias: 'fine',
      online: true,
      status: {
        load1: 0,
        load5: 0.1,
        load15: 0,
        cpus: 4,
        uptimeS: 90_000,
        memoryBytes: GIB,
        memoryAvailableBytes: GIB / 2,
      },
    },
    {
      alias: 'gone',
      online: false,
      failure: { code: 'CONNECTION_FAILED', message: 'Nobody answers.', hint: 'Look.' },
    },
  ]);
  const [head, ...rest] = text.split('\n');
  expect(head).toBe('3 of 4 hosts online');
  expect(rest.slice(0, 4)).toEqual([
    'full: only 3.0 GiB left on /',
    'busy: only 51.2 MiB of memory available',
    'busy: load 9 on 4 CPUs',
    'gone: Nobody answers. Look.',
  ]);
  expect(text).toMatch(/fine +online +0 0\.1 0 +4 +50 % of 1\.0 GiB +25 h 0 min/);
});
