import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { RunClock } from '../../src/run/run-clock.ts';
import { until } from '../until.ts';

test('the time limit strikes once, and counts what an earlier execution used', async () => {
  let struck = 0;
  const clock = new RunClock(10_000, 1_000, 11_000 - 5, () => struck++);
  await until(() => struck === 1);
  clock.stop();
  expect(struck).toBe(1);
});

test('it stands still while the run waits for a person, and goes on with what was left', async () => {
  let struck = false;
  const clock = new RunClock(40, 0, 0, () => {
    struck = true;
  });
  clock.hold();
  clock.hold();
  await delay(80);
  expect(struck).toBe(false);
  clock.go();
  clock.go();
  await until(() => struck);
});

test('a run that used its time up strikes at once; a clock set back takes nothing away', async () => {
  let struck = 0;
  new RunClock(10, 0, 1_000_000, () => struck++);
  await until(() => struck === 1);
  const patient = new RunClock(60_000, 1_000_000, 0, () => struck++);
  await delay(5);
  patient.stop();
  expect(struck).toBe(1);
});

test('no limit, and one beyond the longest timer, never strike', async () => {
  let struck = 0;
  const clocks = [0, 2 ** 40].map((limit) => new RunClock(limit, 0, 0, () => struck++));
  await delay(10);
  for (const clock of clocks) {
    clock.hold();
    clock.go();
    clock.stop();
  }
  expect(struck).toBe(0);
});
