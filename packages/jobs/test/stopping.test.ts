import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { startSshd } from '@flotilla/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { sshRunner } from './fixtures/ssh-runner.ts';
import { call, makeWorld, startHub } from './fixtures/world.ts';

test('a process that stops while it takes up a run leaves it to the next one', {
  timeout: 60_000,
}, async () => {
  const sshd = await startSshd();
  onTestFinished(() => sshd.stop());
  const { host, port, user, keyPath } = sshd;
  const { runner, close } = sshRunner({ host, port, user, keyPath });
  onTestFinished(close);
  const world = makeWorld();
  const effects = join(world.folder, 'effects');
  const front = await startHub(world, { handlers: [] });
  const ids: string[] = [];
  for (let turns = 0; turns < 40; turns++) {
    const cmd = `echo ${turns} >> ${effects}`;
    ids.push((await front.runs.submit(call('exec', { alias: 'web1', cmd }))).id);
    const short = await startHub(world, { runner });
    for (let turn = 0; turn < turns; turn++) await nextTurn();
    await short.stop();
  }
  await startHub(world, { runner });
  const ends = await Promise.all(ids.map((id) => front.runs.wait(id, 30_000)));
  expect(ends.filter(({ state }) => state !== 'succeeded').map(({ failure }) => failure)).toEqual([]);
  const numbers = readFileSync(effects, 'utf8').trim().split('\n').map(Number);
  expect(numbers.sort((a, b) => a - b)).toEqual(ids.map((_, n) => n));
});
