import { expect, test } from 'vitest';
import { ContainerDetails } from '../../../src/lib/containers/details.ts';
import { exitMeaning } from '../../../src/lib/containers/exit-code.ts';
import { judgeDisk, parseDisk } from '../../../src/lib/problems/disk.ts';
import { judgeContainer } from '../../../src/lib/problems/judge-container.ts';
import { byWeight } from '../../../src/lib/problems/problem.ts';
import { ENGINES, fixtureJson } from '../../helpers/fixture.ts';

const NOW = Date.parse('2026-01-31T12:00:00Z');
const container = (State: object, more: object = {}) =>
  ContainerDetails.parse({ Id: 'f'.repeat(64), Name: '/web', State, Config: { Image: 'app:1' }, ...more });
const kinds = (State: object, more: object = {}) =>
  judgeContainer('web1', container(State, more), NOW).map(({ severity, kind }) => `${severity} ${kind}`);
const always = { HostConfig: { RestartPolicy: { Name: 'always' } } };

test('nothing is wrong with the containers of real engines that run', () => {
  for (const name of ENGINES)
    expect(
      judgeContainer('web1', ContainerDetails.parse(fixtureJson(`${name}-inspect.json`)), Date.now()),
      name,
    ).toEqual([]);
});

test('restart loops: now, or often and only just up; long up is well again', () => {
  expect(
    kinds({ Restarting: true, Running: true, Status: 'restarting', ExitCode: 1 }, { RestartCount: 2 }),
  ).toEqual(['critical restart_loop']);
  const up = (StartedAt: string) =>
    kinds({ Running: true, Status: 'running', StartedAt }, { RestartCount: 5 });
  expect(up('2026-01-31T11:58:00Z')).toEqual(['critical restart_loop']);
  expect(up('2026-01-31T09:00:00Z')).toEqual([]);
});

test('ended: by itself, asked to, crashed, although it should run', () => {
  const exited = (ExitCode: number, more: object = {}) =>
    kinds({ Status: 'exited', ExitCode, FinishedAt: '2026-01-31T11:00:00Z' }, more);
  expect(exited(0)).toEqual([]);
  expect(exited(137)).toEqual([]);
  expect(exited(1)).toEqual(['warning exited']);
  expect(exited(1, always)).toEqual(['critical exited']);
  expect(
    judgeContainer(
      'web1',
      container({ Status: 'exited', ExitCode: 139, FinishedAt: '2026-01-31T11:00:00Z' }),
      NOW,
    )[0]?.what,
  ).toBe(
    'ended with exit code 139: crashed (signal SEGV), 60 min 0 s ago'.replace('60 min 0 s', '1 h 0 min'),
  );
});

test('out of memory, unhealthy, cannot start, dead, paused', () => {
  expect(kinds({ Status: 'exited', OOMKilled: true, ExitCode: 137 })).toEqual(['critical out_of_memory']);
  expect(
    kinds({ Status: 'running', Running: true, Health: { Status: 'unhealthy', FailingStreak: 3, Log: null } }),
  ).toEqual(['critical unhealthy']);
  expect(kinds({ Status: 'created', ExitCode: 127, Error: 'exec: no such file' })).toEqual([
    'critical cannot_start',
  ]);
  expect(kinds({ Status: 'dead', Dead: true })).toEqual(['warning dead']);
  expect(kinds({ Status: 'paused', Running: true, Paused: true })).toEqual(['info paused']);
});

test('what an exit code means', () => {
  expect([0, 1, 125, 126, 127, 130, 137, 143].map((code) => exitMeaning(code, false))).toEqual([
    'ended by itself, without an error',
    'the program ended with an error of its own',
    'the engine itself could not run it',
    'its command is there but cannot be executed',
    'its command was not found',
    'ended by signal INT',
    'killed (signal KILL): stopped by force, or out of memory',
    'asked to stop (signal TERM)',
  ]);
});

test('a full disk comes first and names its large logs', () => {
  const id = 'a'.repeat(64);
  const text = `space\n/dev/vda1 1000 970 30 97% /\ninodes\n/dev/vda1 100 10 90 10% /\nlogs\n-rw-r----- 1 0 0 5368709120 Jan 1 10:00 /var/lib/docker/containers/${id}/${id}-json.log\n-rw-r----- 1 0 0 99999999999999999999 Jan 1 10:00 /x/${id}.log\n`;
  const facts = parseDisk(text);
  expect(facts).toEqual({
    usedPercent: 97,
    freeBytes: 30_720,
    inodesPercent: 10,
    logs: new Map([[id, 5_368_709_120]]),
  });
  const found = judgeDisk(facts, '/var/lib/docker', () => 'web').toSorted(byWeight);
  expect(found.map(({ kind, severity }) => `${severity} ${kind}`)).toEqual([
    'critical disk_full',
    'warning large_log',
  ]);
  expect(found[0]?.evidence).toEqual(['log of web: 5.0 GiB']);
  expect(judgeDisk(parseDisk('space\nnonsense 200%\n'), '/', () => undefined)).toEqual([]);
});
