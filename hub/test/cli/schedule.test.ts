import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, startFleet } from './support/fleet.ts';

let fleet: Fleet;
let flotilla: Fleet['flotilla'];
beforeAll(async () => {
  fleet = await startFleet();
  flotilla = fleet.flotilla;
});
afterAll(() => fleet.stop());

const file = (name: string): string => join(fleet.machine.home, name);

test('a schedule is added, listed, shown, changed, paused, resumed and removed', async () => {
  const cmd = `echo x >> ${file('marks')}`;
  const added = await flotilla([
    ...['schedule', 'add', 'nightly', 'task_exec', 'alias=web1', `cmd=${cmd}`],
    ...['--cron', '30 3 * * *', '--zone', 'Europe/Paris', '--notes', 'the backup'],
  ]);
  expect(added).toMatchObject({ code: 0 });
  expect(added.stdout).toContain('Added. nightly is active: task_exec');
  expect(added.stdout).toMatch(/next:\n(?: {2}\S+Z {2}\(\S+ 03:30:00 UTC\+[12]\)\n){5}/);
  expect(added.stdout).toContain('Nothing fires now');

  const listed = await flotilla(['schedules', 'list']);
  expect(listed.stdout).toMatch(
    /^NAME +WHEN +TOOL +NEXT\nnightly +30 3 \* \* \* Europe\/Paris +task_exec +\S+ 03:30/,
  );
  expect(listed.stderr).toContain('Nothing fires them now');
  expect((await flotilla(['schedule', 'list', '--json'])).json()).toMatchObject({
    schedules: [{ name: 'nightly', tool: 'task_exec', args: { alias: 'web1', cmd } }],
  });

  expect((await flotilla(['schedule', 'add', 'nightly', '--cron', '0 4 * * *'])).stdout).toContain(
    '04:00:00',
  );
  expect((await flotilla(['schedule', 'pause', 'nightly'])).stdout).toContain('nightly is paused');
  expect((await flotilla(['schedule', 'list'])).stdout).toMatch(/nightly .* paused\n$/);
  expect((await flotilla(['schedule', 'resume', 'nightly'])).stdout).toContain('nightly is active');
  expect((await flotilla(['schedule', 'show', 'nightly'])).stdout).toContain('notes: "the backup"');

  expect(await flotilla(['schedule', 'remove', 'nightly'])).toMatchObject({ code: 3 });
  expect(await flotilla(['schedule', 'rm', 'nightly', '--yes'])).toMatchObject({ code: 0 });
  expect((await flotilla(['schedule', 'list'])).stderr).toContain('No schedule');
  expect(existsSync(file('marks'))).toBe(false);
});

test('run makes the call, waits for its run, and the end is in the history', async () => {
  const cmd = `echo x >> ${file('ran')}; exit 3`;
  await flotilla(['schedule', 'add', 'once', 'task_exec', 'alias=web1', `cmd=${cmd}`, '--every', '1d']);
  const ran = await flotilla(['schedule', 'run', 'once']);
  expect(ran.code).toBe(1);
  expect(ran.stdout).toContain('exit 3');
  expect(readFileSync(file('ran'), 'utf8')).toBe('x\n');
  const shown = (await flotilla(['schedule', 'show', 'once', '--json'])).json() as { firings: object[] };
  expect(shown.firings).toMatchObject([{ kind: 'hand', state: 'failed' }]);
  const left = await flotilla(['schedule', 'run', 'once', '--no-wait']);
  expect(left).toMatchObject({ code: 0 });
  expect(left.stdout).toMatch(/running .*run_/);
});

test.each([
  [['schedule', 'add', 'bad', 'task_exec', 'alias=web1', 'cmd=true', '--cron', '61 * * * *'], 2, 'minute'],
  [['schedule', 'add', 'bad', 'task_exec', 'alias=web1', '--every', '1h'], 2, 'cmd'],
  [['schedule', 'add', 'bad', 'task_exce', 'alias=web1', '--every', '1h'], 4, 'task_exec'],
  [['schedule', 'add', 'bad', '--overlap', 'sometimes'], 2, 'skip'],
  [['schedule', 'show', 'nobody'], 4, 'nobody'],
])('%j ends with %i', async (argv, code, said) => {
  const refused = await flotilla(argv);
  expect(refused.code).toBe(code);
  expect(refused.stderr).toContain(said);
});

test('names are completed', async () => {
  await flotilla(['schedule', 'add', 'weekly', 'fleet_status', '--cron', '@weekly']);
  expect((await flotilla(['__complete', 'schedule', 'show', 'we'])).stdout).toBe('weekly\n');
});
