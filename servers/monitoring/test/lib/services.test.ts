import { describe, expect, test } from 'vitest';
import type { Section } from '../../src/lib/host/sections.ts';
import { parsePm2 } from '../../src/lib/pm2/pm2-apps.ts';
import { pm2Rows } from '../../src/lib/pm2/pm2-rows.ts';
import { parseContainers } from '../../src/lib/services/containers.ts';
import { renderServices } from '../../src/lib/services/render-services.ts';
import { bySeverity } from '../../src/lib/services/rows.ts';
import { parseSpan, parseTimestamp } from '../../src/lib/services/systemd-time.ts';
import { parseUnits } from '../../src/lib/services/systemd-units.ts';

const section = (name: string, text: string, label = ''): Section => ({ name, label, text });

test.each([
  ['0', 0],
  ['5us', 5],
  ['1d 2h 3min 4.5s', 93_784_500_000],
  ['1w', 604_800_000_000],
  ['infinity', undefined],
  ['', undefined],
  ['3 parsecs', undefined],
])('the span %s', (text, microseconds) => {
  expect(parseSpan(text)).toBe(microseconds);
});

test('timestamps are those in UTC only', () => {
  expect(parseTimestamp('Fri 2026-11-20 13:42:21 UTC')).toBe(Date.parse('2026-11-20T13:42:21Z'));
  for (const other of ['n/a', '', 'Fri 2026-11-20 13:42:21 CET', 'Fri 2026-99-99 13:42:21 UTC'])
    expect(parseTimestamp(other)).toBeUndefined();
});

describe('units', () => {
  const units = `Id=ok.service
Description=Fine = good
LoadState=loaded
ActiveState=active
SubState=running
Result=success
NRestarts=2
StateChangeTimestamp=Fri 2026-11-20 13:42:21 UTC

Id=gone.service
LoadState=not-found
ActiveState=failed

Id=shot.service
LoadState=loaded
ActiveState=failed
SubState=failed
Result=signal
ExecMainCode=2
ExecMainStatus=9

Id=loop.service
LoadState=loaded
ActiveState=activating
SubState=auto-restart
Result=exit-code
ExecMainCode=1
ExecMainStatus=1

Id=shot.timer
LoadState=loaded
ActiveState=active
SubState=waiting
Unit=shot.service
LastTriggerUSec=Fri 2026-11-20 03:00:00 UTC
NextElapseUSecRealtime=Sat 2026-11-21 03:00:00 UTC
NextElapseUSecMonotonic=10h`;
  const parsed = parseUnits([
    section('boot', 'btime 1795000000'),
    section('units', units),
    section('journal', 'last words\n', 'shot.service'),
  ]);

  test('what ended by a signal, what restarts, what is not there', () => {
    expect(parsed.services.toSorted(bySeverity)).toMatchObject([
      { name: 'shot.service', health: 'failed', signal: 9, result: 'signal', lastLines: ['last words'] },
      { name: 'loop.service', health: 'restarting', exitCode: 1 },
      {
        name: 'ok.service',
        health: 'ok',
        description: 'Fine = good',
        restarts: 2,
        since: '2026-11-20T13:42:21.000Z',
      },
    ]);
  });

  test('of two next times of a timer the nearer counts', () => {
    expect(parsed.timers).toEqual([
      {
        name: 'shot.timer',
        runs: 'shot.service',
        active: true,
        failed: true,
        last: '2026-11-20T03:00:00.000Z',
        next: new Date(1_795_000_000_000 + 36_000_000).toISOString(),
      },
    ]);
  });

  test('rubbish is no unit', () => {
    expect(
      parseUnits([section('units', 'System has not been booted with systemd\n\n__proto__=x\nId=')]),
    ).toEqual({ services: [], timers: [] });
  });
});

test('containers of docker and podman, whatever they are called', () => {
  const rows = parseContainers(
    [
      '{"Names":"web","Image":"nginx","State":"running","Status":"Up 3 hours (healthy)"}',
      '{"Names":"sick","Image":"x","State":"running","Status":"Up 3 hours (unhealthy)"}',
      '{"Names":"loop","Image":"x","State":"restarting","Status":"Restarting (1) 5 seconds ago"}',
      '{"Names":"bad","Image":"x","State":"exited","Status":"Exited (1) 2 hours ago"}',
      '{"Names":"stopped","Image":"x","State":"exited","Status":"Exited (143) 2 hours ago"}',
      '{"Names":["pod\\u001b[31m"],"Image":"x","State":"exited","Status":"Exited (0) 2 hours ago"}',
      'permission denied',
      '{"Image":"nameless"}',
      '{"Names":',
    ].join('\n'),
  );
  expect(rows.map(({ name, health, exitCode }) => [name, health, exitCode])).toEqual([
    ['web', 'ok', undefined],
    ['sick', 'unhealthy', undefined],
    ['loop', 'restarting', 1],
    ['bad', 'failed', 1],
    ['stopped', 'inactive', 143],
    ['pod␛[31m', 'inactive', 0],
  ]);
});

describe('PM2', () => {
  const process = (name: string, status: string, more: object = {}) => ({
    pm_id: 1,
    name,
    pid: 5,
    monit: { memory: 1000, cpu: 2 },
    pm2_env: { status, SECRET: 'hunter2', pm_out_log_path: '/o', pm_err_log_path: '/e', ...more },
  });
  const daemon = (list: object[]) =>
    parsePm2([
      section('pm2-home', '', 'deploy /home/de ploy/.pm2'),
      section('pm2-list', `>>>> In-memory PM2 is out-of-date\n${JSON.stringify(list)}\n`),
      section('pm2-pids', ''),
      section('pm2-logs', ''),
    ]);

  test('the list of the daemon, without its environment', () => {
    const homes = daemon([
      process('shop', 'online', { restart_time: 4 }),
      process('bad', 'errored'),
      process('flap', 'online', { unstable_restarts: 5 }),
      { nonsense: true },
    ]);
    expect(homes).toMatchObject([{ owner: 'deploy', home: '/home/de ploy/.pm2', source: 'daemon' }]);
    expect(pm2Rows(homes).map(({ name, health, restarts }) => [name, health, restarts])).toEqual([
      ['shop', 'ok', 4],
      ['bad', 'failed', undefined],
      ['flap', 'restarting', undefined],
    ]);
    expect(JSON.stringify(homes)).not.toContain('hunter2');
  });

  test('without a daemon the files tell', () => {
    const homes = parsePm2([
      section('pm2-home', '', 'root /root/.pm2'),
      section('pm2-list', ''),
      section('pm2-pids', '17 1 my-app-0.pid\n18 0 old-3.pid\nrubbish'),
      section('pm2-logs', 'my-app-out.log\nmy-app-error-0.log\nlost-error.log\nREADME'),
    ]);
    expect(homes[0]?.apps).toMatchObject([
      {
        name: 'my-app',
        id: 0,
        status: 'online',
        outLog: '/root/.pm2/logs/my-app-out.log',
        errorLog: '/root/.pm2/logs/my-app-error-0.log',
      },
      { name: 'old', id: 3, status: 'stopped' },
      { name: 'lost', status: 'unknown', errorLog: '/root/.pm2/logs/lost-error.log' },
    ]);
  });
});

test('the text begins with the finding and fences what hosts say', () => {
  const text = renderServices(
    [
      {
        alias: 'good',
        state: 'ok',
        problems: 0,
        running: 1,
        services: [{ kind: 'systemd', name: 'a.service', status: 'active', health: 'ok' }],
        timers: [],
        notes: [],
      },
      {
        alias: 'bad',
        state: 'ok',
        problems: 1,
        running: 0,
        services: [{ kind: 'docker', name: 'x', status: 'Exited (1)', health: 'failed', exitCode: 1 }],
        timers: [],
        notes: ['no systemd here'],
        leftOut: 3,
      },
      {
        alias: 'away',
        state: 'failed',
        error: { code: 'CONNECTION_FAILED', message: 'Cannot reach away.', hint: 'Check.' },
      },
    ],
    0,
  );
  expect(text.split('\n')[0]).toBe('Problems on 2 of 3 hosts.');
  expect(text.indexOf('away: CONNECTION_FAILED')).toBeLessThan(
    text.indexOf('bad: 1 problem, 0 running, 3 more not shown'),
  );
  expect(text.indexOf('bad: 1 problem')).toBeLessThan(text.indexOf('good: 0 problems'));
});
