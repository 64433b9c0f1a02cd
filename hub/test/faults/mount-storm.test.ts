import { setTimeout as delay } from 'node:timers/promises';
import { freePort, tempDir, waitFor } from '@flotilla/testkit';
import { expect, test } from 'vitest';
import { remote, testHub } from '../support/hub.ts';
import { isAlive, type Started, startFixture } from '../support/processes.ts';
import { notesIn, rawMount } from '../support/raw.ts';

const TOKEN = 'a-token-that-is-long-enough-0123456789';
const STORM_MS = 30_000;

test('30 s of kills and stops at random: every call is answered, the undisturbed mount never fails, all come back', async () => {
  const folder = tempDir('storm');
  const port = await freePort();
  const startHttp = (): Promise<Started> =>
    startFixture(
      'listening',
      'fixture-main.ts',
      notesIn(folder.path, 'http').path,
      'http',
      String(port),
      TOKEN,
    );
  let http = await startHttp();
  const notes = ['one', 'two'].map((name) => notesIn(folder.path, name));
  const timing = { heartbeatMs: 50, hangMs: 500, connectMs: 2_000, backoff: { firstMs: 20, maxMs: 200 } };
  const headers = { authorization: `Bearer ${TOKEN}` };
  const mounts = [
    ...notes.map(({ path }, at) => rawMount(`child${at}`, 'plain', { notes: path, timing })),
    remote({ name: 'far', target: { kind: 'http', url: `http://127.0.0.1:${port}/mcp`, headers }, timing }),
  ];
  const hub = testHub(() => [...mounts, rawMount('good', 'plain', { timing: { hangMs: 60_000 } })]);
  await hub.endpoint.settled(30_000);

  const until = performance.now() + STORM_MS;
  const storming = (): boolean => performance.now() < until;
  const counts: Record<string, number> = {};
  const callers = ['child0__one', 'child1__one', 'far__echo_data', 'good__one'].map(async (name) => {
    for (let at = 0; storming(); at += 1) {
      const text = `${name} ${at}`;
      const answer = await hub.call(name, { text });
      const data = answer.structuredContent as { code?: string; text?: string; args?: { text: string } };
      if (answer.isError) {
        expect(name).not.toBe('good__one');
        expect(data.code).toBe('SERVER_UNAVAILABLE');
      } else expect(data.text ?? data.args?.text).toBe(text);
      const key = `${name} ${answer.isError ? 'failed' : 'answered'}`;
      counts[key] = (counts[key] ?? 0) + 1;
      await delay(2);
    }
  });
  const storm = (async () => {
    while (storming()) {
      const pids = notes.flatMap((one) => one.pids().slice(-1)).filter(isAlive);
      const victim = pids[Math.floor(Math.random() * pids.length)];
      const how = Math.random();
      if (victim !== undefined && how < 0.7) process.kill(victim, how < 0.4 ? 'SIGKILL' : 'SIGSTOP');
      else {
        await http.kill();
        http = await startHttp();
      }
      await delay(100 + Math.random() * 300);
    }
  })();
  await Promise.all([...callers, storm]);

  for (const mount of mounts)
    await waitFor(() => mount.state.status === 'ready', { what: `${mount.name} is back`, timeoutMs: 20_000 });
  for (const name of ['child0__one', 'child1__one', 'far__echo_data', 'good__one']) {
    expect((await hub.call(name, { text: 'after' })).isError ?? false).toBe(false);
    expect(counts[`${name} answered`]).toBeGreaterThan(50);
  }
  expect(counts['good__one failed']).toBeUndefined();
  const pids = notes.flatMap((one) => one.pids());
  await hub.stop();
  expect(pids.filter(isAlive)).toEqual([]);
  expect(pids.length).toBeGreaterThan(10);
  await http.kill();
  folder.remove();
});
