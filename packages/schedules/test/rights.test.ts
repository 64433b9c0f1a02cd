import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { wallClock } from './support/clock.ts';
import { type Listed, MODEL, PERSON, testProcess } from './support/process.ts';

const on = testProcess();
const clock = wallClock();
const HOUR = 3_600_000;
const OTHER = { id: 'token:other', kind: 'token' as const, client: { name: 'narrow', version: '1' } };
const look = (name: string) => ({ name, every: '1h', tool: 'look_now', args: { file: on.file(name) } });

async function audited(tool: string) {
  const { audit } = on.runtime.services;
  await audit.flush();
  return audit.search({ tool, limit: 1_000 });
}

describe('who calls', () => {
  test('a firing is a call of whoever added the schedule, and audited as one', async () => {
    await on.ok('schedule_add', look('mine'));
    clock.put(HOUR);
    await on.until('mine', ([one]) => one?.state === 'succeeded');
    const { calls } = await audited('look_now');
    expect(calls[0]).toMatchObject({
      principal: MODEL.id,
      client: 'model 1, schedule mine',
      result: 'ok',
    });
  });

  test('a change makes it the call of whoever changed it; a pause does not', async () => {
    await on.ok('schedule_add', look('changed'), PERSON);
    await on.ok('schedule_add', { name: 'changed', enabled: false }, MODEL);
    expect((await on.show('changed')).schedule.owner).toBe(PERSON.id);
    await on.ok('schedule_add', { name: 'changed', enabled: true }, MODEL);
    expect((await on.show('changed')).schedule.owner).toBe(MODEL.id);
  });

  test('by hand it is a call of whoever fires it', async () => {
    await on.ok('schedule_add', look('hand'), PERSON);
    await on.ok('schedule_run', { name: 'hand' }, OTHER);
    expect((await audited('look_now')).calls[0]).toMatchObject({
      principal: OTHER.id,
    });
  });
});

describe('what a person may do and a model may not', () => {
  test('a protected host: the model can neither schedule it, nor make a schedule of the person its own, nor fire it', async () => {
    const { inventory } = on.runtime.services;
    const { host, port, user, keyPath } = on.sshd;
    await inventory.save({ alias: 'kept', host, port, user, keyPath, protected: true }, { person: true });
    const wish = {
      name: 'kept',
      every: '1h',
      tool: 'mark_run',
      args: { alias: 'kept', file: on.file('kept') },
    };
    expect(await on.fails('schedule_add', wish)).toMatchObject({ code: 'APPROVAL_REQUIRED' });
    await on.ok('schedule_add', wish, PERSON);
    for (const change of [{ every: '2h' }, { args: wish.args }, { enabled: true }])
      expect(await on.fails('schedule_add', { name: 'kept', ...change })).toMatchObject({
        code: 'APPROVAL_REQUIRED',
      });
    expect(await on.fails('schedule_run', { name: 'kept' })).toMatchObject({ code: 'APPROVAL_REQUIRED' });
    expect(on.lines('kept')).toBe(0);
    clock.put(HOUR);
    await on.until('kept', ([one]) => one?.state === 'succeeded');
    expect((await on.show('kept')).schedule.owner).toBe(PERSON.id);
    expect(on.lines('kept')).toBe(1);
  });

  test('the policy is asked at every firing', async () => {
    await on.ok('schedule_add', look('denied'));
    await on.restart(() => clock.put(HOUR), { config: { policy: { denyTools: ['look_*'] } } });
    const [first] = await on.until('denied', ([one]) => one?.state === 'failed');
    expect(first).toMatchObject({ code: 'DENIED', message: expect.stringContaining('look_now') });
    expect(await on.fails('schedule_run', { name: 'denied' })).toMatchObject({ code: 'DENIED' });
    expect(await on.fails('schedule_add', look('denied2'))).toMatchObject({ code: 'DENIED' });
    await on.restart(() => clock.put(HOUR));
    await on.until('denied', ([one]) => one?.state === 'succeeded');
    expect(on.lines('denied')).toBe(1);
  });

  test('a client that may not call a tool cannot schedule it, fire it, or read what it answered', async () => {
    await on.ok('schedule_add', look('narrow'));
    await on.ok('schedule_run', { name: 'narrow' });
    await on.restart(undefined, { config: { clients: { narrow: { deny: ['look_now'] } } } });
    expect(await on.fails('schedule_add', look('narrow2'), OTHER)).toMatchObject({ code: 'DENIED' });
    expect(await on.fails('schedule_run', { name: 'narrow' }, OTHER)).toMatchObject({ code: 'DENIED' });
    const [denied, fired] = (await on.ok<Listed>('schedule_list', { name: 'narrow' }, OTHER)).firings;
    expect(denied).toMatchObject({ code: 'DENIED' });
    expect(fired).not.toHaveProperty('output');
    expect((await on.show('narrow')).firings[1]).toMatchObject({ output: expect.stringContaining('done') });
    await on.restart();
  });
});

test('secrets are stored sealed, and shown nowhere', async () => {
  const SECRET = 'correct-horse-battery';
  const args = { file: on.file('secret'), token: SECRET, word: `say ${SECRET}` };
  const added = await on.ok('schedule_add', { name: 'secret', every: '1h', tool: 'look_now', args });
  const fired = await on.ok('schedule_run', { name: 'secret' });
  clock.put(HOUR);
  await on.until('secret', ([one]) => one?.kind === 'time' && one.state === 'succeeded');
  const shown = await on.show('secret');
  const audit = await audited('*');
  expect(JSON.stringify([added, fired, shown, audit])).not.toContain(SECRET);
  expect(shown.schedule.args).toMatchObject({ token: '[secret]', file: args.file });
  expect(shown.firings[0]?.output).toMatch(/"word":"say \S*\*|redacted|\[/i);
  await on.restart();
  const folder = join(on.file('data'));
  const stored = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
  expect(stored.filter((text) => text.includes(SECRET))).toEqual([]);
  clock.put(HOUR);
  await on.until('secret', (all) => all.filter(({ state }) => state === 'succeeded').length === 3);
  expect(JSON.stringify(await on.show('secret'))).not.toContain(SECRET);
});
