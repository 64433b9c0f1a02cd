import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startSshd, type TestSshd } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type HttpServer, startHttp } from '../support/http-server.ts';
import {
  addHost,
  hubMain,
  node,
  serverMain,
  sourceArguments,
  startHub,
  type TestHome,
  testHome,
} from '../support/hub.ts';
import { firerPid, firingOf, lines, soon } from '../support/schedules.ts';

let sshd: TestSshd;
const homes: TestHome[] = [];

function newHome(config?: object): TestHome {
  const home = testHome();
  homes.push(home);
  const folder = join(home.path, '.config', 'flotilla');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (config) writeFileSync(join(folder, 'config.json'), JSON.stringify(config), { mode: 0o600 });
  return home;
}

beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(async () => {
  await sshd?.stop();
  for (const home of homes) home.remove();
});

const append = (file: string) => ({ tool: 'task_exec', args: { alias: 'web1', cmd: `echo x >> '${file}'` } });

test('three hubs on one data folder: each fire time once, seen by all of them', async () => {
  const home = newHome();
  const hubs = [await startHub(home), await startHub(home), await startHub(home)];
  onTestFinished(async () => {
    await Promise.all(hubs.map((hub) => hub.close()));
  });
  const [first, second] = hubs as [(typeof hubs)[0], (typeof hubs)[0]];
  await addHost(first, home, sshd);
  const pid = await firerPid(first);
  expect(hubs.map((hub) => hub.pid)).toContain(pid);
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  await Promise.all(
    names.map((name, index) =>
      (hubs[index % 3] ?? first).ok('schedule_add', {
        name,
        at: soon(2_000),
        ...append(join(home.path, name)),
      }),
    ),
  );
  for (const name of names) {
    await firingOf(second, name, 'succeeded');
    expect(lines(join(home.path, name)), name).toBe(1);
  }
});

test('a hub over HTTP fires while nobody is connected', async () => {
  const home = newHome();
  const file = join(home.path, 'marks');
  const hub: HttpServer = await startHttp(home, [hubMain, 'serve']);
  const client = await hub.connect();
  await addHost(client, home, sshd);
  await firerPid(client);
  await client.ok('schedule_add', { name: 'alone', at: soon(2_000), ...append(file) });
  await client.close();
  const again = await hub.connect();
  await firingOf(again, 'alone', 'succeeded');
  expect(lines(file)).toBe(1);
  await again.close();
  expect(await hub.stop()).toBe(0);
});

test('a tool of a stdio child and one of a server over HTTP are called once, and their runs followed', async () => {
  const elsewhere = newHome();
  const http = await startHttp(elsewhere, [serverMain('sftp')]);
  const own = await http.connect();
  await addHost(own, elsewhere, sshd);
  await own.close();
  const home = newHome({
    mcpServers: {
      schedules: {},
      'ssh-exec': { command: node, args: [...sourceArguments, serverMain('ssh-exec')] },
      sftp: { url: http.url, headers: http.headers },
    },
  });
  const hub = await startHub(home);
  onTestFinished(async () => {
    await hub.close();
    await http.stop();
  });
  await addHost(hub, home, sshd);
  const marks = join(home.path, 'marks');
  const from = join(elsewhere.path, '.config', 'flotilla', 'files', 'from');
  mkdirSync(dirname(from));
  writeFileSync(from, 'content');
  const to = join(home.path, 'to');
  const transfer = { alias: 'web1', direction: 'upload', local: from, remote: to };
  await hub.ok('schedule_add', { name: 'child', at: soon(1_500), ...append(marks) });
  await hub.ok('schedule_add', { name: 'http', at: soon(1_500), tool: 'task_transfer', args: transfer });
  await hub.ok('schedule_add', {
    name: 'bad',
    at: soon(1_500),
    tool: 'task_transfer',
    args: { ...transfer, local: `${from}-not` },
  });
  expect(await firingOf(hub, 'child', 'succeeded', 'failed')).toMatchObject({ state: 'succeeded' });
  expect(lines(marks)).toBe(1);
  expect(await firingOf(hub, 'http', 'succeeded', 'failed')).toMatchObject({ state: 'succeeded' });
  expect(lines(to)).toBe(0);
  expect(await firingOf(hub, 'bad', 'succeeded', 'failed')).toMatchObject({ state: 'failed' });
});
