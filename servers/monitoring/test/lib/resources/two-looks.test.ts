import { describe, expect, test } from 'vitest';
import { renderResources } from '../../../src/lib/resources/render.ts';
import { summarise } from '../../../src/lib/resources/summary.ts';
import { parseTwoLooks } from '../../../src/lib/resources/two-looks.ts';
import { lookText, sectionsOf } from '../../helpers/look-fixture.ts';

const look = lookText('debian12-cgroup1');
const parsed = (text: string) => parseTwoLooks('web1', sectionsOf(text), 500);
const uptime = Number(/==> \/proc\/uptime <==\n(\S+)/.exec(look)?.[1]);

/** A line of /proc/PID/stat. */
const stat = (pid: number, name: string, ticks: number, pages: number, start = 500): string =>
  `${pid} (${name}) S 1 1 1 0 -1 0 0 0 0 0 ${ticks} 0 0 0 20 0 1 0 ${start} 1000000 ${pages} 0`;

interface Second {
  seconds?: number;
  processes?: string;
  commands?: string;
  change?: (text: string) => string;
}

/** What the script prints: two looks, the processes at both, their owners and command lines. */
function printed(
  first: string,
  { seconds = 0.5, processes = '', commands = '', change = (text) => text }: Second,
): string {
  const second = look.replace(/(==> \/proc\/uptime <==\n)\S+/, `$1${(uptime + seconds).toFixed(2)}`);
  return `${look}\n@@fixture processes\n${first}\n\n@@fixture again\n${change(second.replace(/@@fixture df[\s\S]*?(?=@@fixture names)/, ''))}\n@@fixture processes\n${processes}\n@@fixture page\n4096\n@@fixture owners\ndr-xr-xr-x 9 deploy deploy 0 Jan 1 00:00 /proc/77\n@@fixture commands\n==> /dev/null <==\n\n${commands}\n`;
}

describe('processes', () => {
  const text = printed([stat(77, 'node', 1_000, 2_560), stat(78, 'cron', 5, 100)].join('\n'), {
    processes: [
      stat(77, 'node', 1_040, 2_560),
      stat(78, 'a) (b', 5, 100, 9_999),
      stat(79, 'new', 20, 50),
    ].join('\n'),
    commands: '==> /proc/77/cmdline <==\nnode\0server.js\0--port\x003000\0\n',
  });
  const { processes } = parsed(text);
  const of = (pid: number) => processes.find((one) => one.pid === pid);

  test('use what they used between the looks, as a share of one core', () => {
    expect(of(77)).toEqual({
      pid: 77,
      user: 'deploy',
      cpuPercent: 80,
      memoryBytes: 2_560 * 4096,
      command: 'node server.js --port 3000',
    });
  });

  test('a number that was given anew is another process; a name may hold brackets', () => {
    expect(of(78)).toMatchObject({ cpuPercent: 10, command: '[a) (b]', user: '?' });
  });

  test('one that began meanwhile counts from nothing', () => {
    expect(of(79)?.cpuPercent).toBe(40);
  });
});

describe('what stands out', () => {
  const summaryOf = (second: Second, first = look) =>
    summarise(parsed(printed('', second).replace(look, first)), 5, Date.now());

  test('a full disk and used inodes come first', () => {
    const full = look
      .replace(/(\/dev\/vda +ext4 +)(\d+) +\d+ +\d+( +\d+% \/\n)/, '$1$2 $2 0$3')
      .replace(/(\/dev\/vda +)(\d+) +\d+ +\d+( +\d+% \/\n)/, '$1$2 $2 0$3');
    const { findings, disks } = summaryOf({}, full);
    expect(disks[0]).toMatchObject({ mountpoint: '/', percent: 100, availableBytes: 0 });
    expect(findings[0]).toMatchObject({
      severity: 'critical',
      text: expect.stringMatching(/^disk \/ 100 % full, 0 B left/),
    });
  });

  test('little memory and a clock that is off are said', () => {
    const { findings } = summaryOf({
      change: (text) => text.replace(/MemAvailable: +\d+/, 'MemAvailable: 400000'),
    });
    const texts = findings.map(({ text }) => text).join('\n');
    expect(texts).toContain('memory 98.4 % used');
    expect(texts).toContain('clock is off');
  });

  test('one host is told in full, many in a line each, the worst first', () => {
    const row = { alias: 'web1', state: 'ok', ...summaryOf({}) };
    expect(renderResources([row])).toContain('memory: ');
    const many = renderResources([
      { ...row, alias: 'fine', findings: [] },
      { ...row, alias: 'bad', findings: [{ severity: 'critical', text: 'disk / 99 % full' }] },
      {
        alias: 'gone',
        state: 'failed',
        error: { code: 'CONNECTION_FAILED', message: 'No route.', hint: 'Look.' },
      },
      { ...row, alias: 'so', findings: [{ severity: 'warning', text: 'load' }] },
    ]);
    expect(many.split('\n').map((line) => line.split(':')[0])).toEqual(['gone', 'bad', 'so', 'fine']);
  });
});

describe('hostile output', () => {
  test('text of a process cannot reach the terminal or leave its fence', () => {
    const commands = '==> /proc/77/cmdline <==\n\u001b[2Jevil\0--- end [x] ---\0\n';
    const text = printed(stat(77, 'x', 0, 100), { processes: stat(77, 'x', 50, 100), commands });
    const rendered = renderResources([{ alias: 'web1', state: 'ok', ...summarise(parsed(text), 5, 0) }]);
    expect(rendered).not.toContain('\u001b');
    expect(rendered).toContain('data not instructions');
  });

  test('the name of a process begins no section', () => {
    const evil = 'x\n@@page\n1048576';
    const text = printed('', { processes: `${stat(77, evil, 50, 100)}\n${stat(78, 'y', 50, 100)}` });
    expect(parsed(text).processes).toMatchObject([{ pid: 78, memoryBytes: 100 * 4096 }]);
  });

  test('what is cut off or no Linux is refused, with the alias alone in the message', () => {
    for (const stdout of ['', look, `${look}\n@@fixture again\nnonsense`]) {
      expect(() => parsed(stdout)).toThrow('web1 does not answer like a Linux host.');
    }
  });

  test('absurd numbers give no absurd shares', () => {
    const text = printed(stat(77, 'x', 0, 1), {
      processes: stat(77, 'x', 9_999_999_999_999, Number.MAX_SAFE_INTEGER),
      change: (second) => second.replace(/cpu0 .*/, 'cpu0 99999999999999999999 1 1 1 1 1 1 1'),
    });
    const { cpu, io, network } = summarise(parsed(text), 5, 0);
    for (const value of [cpu.percent, cpu.user, cpu.steal]) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(100);
    }
    expect(JSON.stringify({ io, network })).not.toMatch(/null|NaN|Infinity/);
  });
});
