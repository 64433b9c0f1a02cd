import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { freePort, tempDir, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkStore } from '../../src/lib/checks/store.ts';
import { type Authority, startAuthority } from '../helpers/certificates.ts';
import { probeProcess } from '../helpers/probe-process.ts';
import { type WebServer, webServer } from '../helpers/web-server.ts';

const on = probeProcess();
const folder = tempDir('flotilla-checks-');
let authority: Authority;
let web: WebServer;
let well = true;

beforeAll(async () => {
  authority = startAuthority(folder.path);
  web = await webServer((_, response) => response.writeHead(well ? 200 : 500).end('hello'));
});
afterAll(() => {
  authority.forget();
  folder.remove();
});

interface Result {
  status: string;
  reason?: string;
  ms?: number;
  vantages: { from: string; status: string; reason?: string; detail?: string }[];
}
const add = (args: object) =>
  on.ok<{ first: Result; created: boolean }>('check_add', { retries: 0, ...args });

describe('every kind', () => {
  test('http from the hub and from hosts', async () => {
    const { first, text } = await add({
      name: 'web',
      kind: 'http',
      target: web.url,
      from: ['hub', 'web1', 'bare1'],
      expected_body: 'hello',
    });
    expect(first).toMatchObject({
      status: 'up',
      vantages: [
        { from: 'hub', status: 'up' },
        { from: 'web1', status: 'up' },
        { from: 'bare1', status: 'up' },
      ],
    });
    expect(text).toContain('from web1: up');
  });

  test('api with its login', async () => {
    await on.ok('api_add', { alias: 'shop', url: web.url, auth_method: 'api_key', api_key: 'sesame-4711' });
    expect((await add({ name: 'shop', kind: 'api', target: 'shop' })).first.status).toBe('up');
    expect(web.requests.at(-1)?.headers.authorization).toBe('Bearer sesame-4711');
    expect(await on.fails('check_add', { name: 'none', kind: 'api', target: 'none' })).toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('tcp', async () => {
    expect(
      (
        await add({
          name: 'port',
          kind: 'tcp',
          target: `127.0.0.1:${web.port}`,
          from: ['hub', 'web1', 'bare1'],
        })
      ).first.status,
    ).toBe('up');
    const closed = await add({
      name: 'closed',
      kind: 'tcp',
      target: `127.0.0.1:${await freePort()}`,
      from: ['hub', 'web1', 'bare1'],
    });
    expect(closed.first.vantages.map(({ status }) => status)).toEqual(['down', 'down', 'down']);
  });

  test('tls: days left, and what is wrong with a certificate', async () => {
    const good = await webServer((_, response) => response.end(), authority.issue('IP:127.0.0.1'));
    const at = (server: WebServer): string => `127.0.0.1:${server.port}`;
    const { first } = await add({
      name: 'cert',
      kind: 'tls',
      target: at(good),
      from: ['hub', 'web1', 'bare1'],
    });
    expect(first.status).toBe('up');
    expect(first.vantages[0]?.detail).toMatch(/^(?:59|60) days left, by Test CA$/);
    expect((await add({ name: 'soon', kind: 'tls', target: at(good), warnDays: 90 })).first).toMatchObject({
      status: 'down',
      reason: expect.stringContaining('expires in'),
    });
    const self = await webServer((_, response) => response.end(), authority.selfSigned());
    expect((await add({ name: 'self', kind: 'tls', target: at(self) })).first.reason).toBe(
      'the certificate is self-signed',
    );
  });

  test('dns', async () => {
    const resolver = `127.0.0.1:${await freePort()}`;
    const [address, port] = resolver.split(':');
    const dnsmasq = spawn('dnsmasq', [
      '-k',
      '-C',
      '/dev/null',
      '-p',
      String(port),
      '--listen-address',
      String(address),
      '--bind-interfaces',
      '--no-resolv',
      '--no-hosts',
      '--user=root',
      '--host-record=shop.test,203.0.113.7',
      '--txt-record=shop.test,hello world',
      '--mx-host=shop.test,mail.test,10',
    ]);
    dnsmasq.on('error', () => undefined);
    const ask = async (more: object) =>
      (await add({ name: 'name', kind: 'dns', target: 'shop.test', resolver, timeoutMs: 3000, ...more }))
        .first;
    try {
      await waitFor(async () => (await ask({})).status === 'up', { what: 'dnsmasq' });
      expect((await ask({})).vantages[0]?.detail).toBe('203.0.113.7');
      expect((await ask({ expectedRecord: '203.0.113.7' })).status).toBe('up');
      expect(await ask({ expectedRecord: '203.0.113.8' })).toMatchObject({
        status: 'down',
        reason: 'the record is not the expected one',
      });
      expect((await ask({ recordType: 'MX', expectedRecord: '10 mail.test.' })).status).toBe('up');
      expect((await ask({ recordType: 'TXT', expectedRecord: 'Hello World' })).status).toBe('up');
      expect(await ask({ target: 'other.test' })).toMatchObject({
        status: 'down',
        reason: 'the name does not resolve',
      });
      // Without dig a host cannot ask another port: it is missing, not down.
      expect((await ask({ from: ['web1'] })).vantages[0]?.status).not.toBe('down');
      expect(await ask({ resolver: '127.0.0.66' })).toMatchObject({ status: 'unknown' });
    } finally {
      dnsmasq.kill();
    }
    expect(
      await on.fails('check_add', {
        name: 'name',
        kind: 'dns',
        target: 'shop.test',
        resolver: 'dns.example',
      }),
    ).toMatchObject({ code: 'INVALID_INPUT' });
    expect(
      (await add({ name: 'local', kind: 'dns', target: 'localhost', from: ['web1'] })).first.status,
    ).toBe('up');
  });

  const noPing = spawnSync('ping', ['-c', '1', '-W', '2', '127.0.0.1']).status !== 0;
  test.skipIf(noPing)(`ping${noPing ? ' (skipped: no ping that works)' : ''}`, async () => {
    expect(
      (await add({ name: 'echo', kind: 'ping', target: '127.0.0.1', from: ['hub', 'web1'] })).first.status,
    ).toBe('up');
  });

  test('command', async () => {
    expect(
      (
        await add({
          name: 'cmd',
          kind: 'command',
          command: 'echo "queue: 7"; test -d /',
          from: ['web1', 'web2'],
          expected_body: 'queue',
        })
      ).first,
    ).toMatchObject({ status: 'up', vantages: [{ detail: 'queue: 7' }, {}] });
    expect(
      (await add({ name: 'cmd', kind: 'command', command: 'exit 3', from: ['web1'] })).first,
    ).toMatchObject({ status: 'down', reason: 'exit code 3' });
  });
});

test('a command is not run on a host that is read-only, nor on one that became so', async () => {
  const { host, port, user, keyPath } = on.sshds.web2;
  const save = (readonly: boolean) =>
    on.runtime.services.inventory.save(
      { alias: 'locked', host, port, user, keyPath, readonly },
      { person: true },
    );
  const mark = `${folder.path}/ran`;
  const args = { name: 'marks', kind: 'command', command: `echo x >> ${mark}`, from: ['locked'], retries: 0 };
  await save(true);
  expect(await on.fails('check_add', args)).toMatchObject({ code: 'DENIED' });
  expect(existsSync(mark)).toBe(false);
  await save(false);
  expect((await add(args)).first.status).toBe('up');
  await save(true);
  const { result } = await on.ok<{ result: Result }>('check_run', { name: 'marks' });
  expect(result).toMatchObject({ status: 'unknown', vantages: [{ from: 'locked', status: 'missing' }] });
  expect(readFileSync(mark, 'utf8')).toBe('x\n');
});

test('a command that the policy has forbidden since is run no more', async () => {
  const mark = `${folder.path}/forbidden`;
  await add({ name: 'forbidden', kind: 'command', command: `echo x >> ${mark}`, from: ['web1'] });
  const file = `${on.dataDir}/config.json`;
  const before = readFileSync(file, 'utf8');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(before), policy: { commandDeny: ['echo\\s+x'] } }));
  const strict = await on.again();
  const { result } = await strict.ok<{ result: Result }>('check_run', { name: 'forbidden' });
  expect(result).toMatchObject({
    status: 'unknown',
    vantages: [{ from: 'web1', status: 'missing', reason: expect.stringContaining('forbids') }],
  });
  await strict.close();
  writeFileSync(file, before);
  expect(readFileSync(mark, 'utf8')).toBe('x\n');
});

describe('vantage points', () => {
  test('the hub is not lent out: its own and metadata addresses are missing, not down', async () => {
    const inside = await webServer((_, response) => response.end(), undefined, '127.0.0.66');
    const { first } = await add({ name: 'ssrf', kind: 'http', target: inside.url, from: ['hub'] });
    expect(first).toMatchObject({
      status: 'unknown',
      vantages: [{ status: 'missing', reason: expect.stringContaining('the hub does not connect to') }],
    });
    expect((await add({ name: 'meta', kind: 'tcp', target: '169.254.169.254:80' })).first.status).toBe(
      'unknown',
    );
    expect((await add({ name: 'pingself', kind: 'ping', target: '127.0.0.66' })).first.status).toBe(
      'unknown',
    );
    expect(inside.requests).toEqual([]);
    expect((await add({ name: 'ssrf', kind: 'http', target: inside.url, from: ['web1'] })).first.status).toBe(
      'up',
    );
  });

  test('a host that is away is missing; what it looks at is not down for that', async () => {
    await on.runtime.services.inventory.save(
      { alias: 'gone', host: '127.0.0.1', port: await freePort(), user: 'x', keyPath: on.sshds.web1.keyPath },
      { person: true },
    );
    const { first } = await add({ name: 'partly', kind: 'http', target: web.url, from: ['hub', 'gone'] });
    expect(first).toMatchObject({
      status: 'up',
      vantages: [{ status: 'up' }, { from: 'gone', status: 'missing' }],
    });
    expect((await add({ name: 'blind', kind: 'http', target: web.url, from: ['gone'] })).first.status).toBe(
      'unknown',
    );
    await on.runtime.services.inventory.remove('gone', { person: true });
    const { result } = await on.ok<{ result: Result }>('check_run', { name: 'blind' });
    expect(result).toMatchObject({ status: 'unknown', vantages: [{ from: 'gone', status: 'missing' }] });
  });

  test('one silent target of a living host is down; a quorum decides', async () => {
    const sockets = new Set<Socket>();
    const silent: Server = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    const { first } = await add({
      name: 'silent',
      kind: 'http',
      target: `http://127.0.0.1:${port}`,
      from: ['web1'],
      timeoutMs: 500,
    });
    expect(first).toMatchObject({ status: 'down', reason: 'no answer in time' });
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
});

describe('history', () => {
  test('check_run records changes; check_list shows state, since when, uptime and the last results', async () => {
    await add({ name: 'flap', kind: 'http', target: web.url });
    well = false;
    const down = await on.ok<{ changed: boolean; result: Result }>('check_run', { name: 'flap' });
    expect(down).toMatchObject({ changed: true, result: { status: 'down', reason: 'it answers 500' } });
    expect(await on.ok('check_run', { name: 'flap' })).toMatchObject({ changed: false });
    well = true;
    await on.ok('check_run', { name: 'flap' });
    const list = await on.ok<{
      checks: { name: string; status: string; uptime24h: number }[];
      changes: { status: string }[];
      results: Result[];
    }>('check_list', { name: 'flap' });
    expect(list.changes.map(({ status }) => status)).toEqual(['up', 'down', 'up']);
    expect(list.results.map(({ status }) => status)).toEqual(['up', 'down', 'down', 'up']);
    expect(list.checks[0]?.uptime24h).toBeLessThan(100);
    const all = await on.ok<{ checks: { status: string }[] }>('check_list', { status: 'down' });
    expect(all.checks.every(({ status }) => status === 'down')).toBe(true);
    expect(all.text).toMatch(/^\d+ checks?: \d+ down, 0 unknown, 0 up\nDOWN /);
    expect(await on.ok('check_remove', { name: 'flap' })).toMatchObject({ removed: true });
  });

  test('time in which nobody looked is neither up nor down; old results make room', async () => {
    await add({ name: 'gap', kind: 'tcp', target: `127.0.0.1:${web.port}` });
    const store = checkStore(on.runtime.services.store);
    const [first] = store.results('gap', 1);
    const base = first?.at ?? 0;
    const later = { name: 'gap', status: 'up' as const, vantages: [] };
    const mark = store.changesAfter(0, 10_000).at(-1)?.id ?? 0;
    await store.record({ ...later, at: base + 60_000 }, 60_000);
    await store.record({ ...later, at: base + 3_600_000 }, 60_000);
    expect(store.changes('gap', 0).map(({ at, status }) => [at - base, status])).toEqual([
      [0, 'up'],
      [120_000, 'unknown'],
      [3_600_000, 'up'],
    ]);
    expect(store.changesAfter(mark).map(({ name, status }) => [name, status])).toEqual([
      ['gap', 'unknown'],
      ['gap', 'up'],
    ]);
    for (let at = 1; at <= 250; at++)
      await store.record({ ...later, at: base + 3_600_000 + at * 60_000 }, 60_000);
    expect(store.results('gap', 1000)).toHaveLength(200);
  });

  test('results of a clock that was ahead do not stand in the way of those that follow', async () => {
    await add({ name: 'ahead', kind: 'tcp', target: `127.0.0.1:${web.port}` });
    const store = checkStore(on.runtime.services.store);
    // What a frozen process writes late changes nothing.
    const late = { name: 'ahead', status: 'down' as const, vantages: [], at: Date.now() - 60_000 };
    expect(await store.record(late, 60_000)).toBe(false);
    expect(store.changes('ahead', 0).map(({ status }) => status)).toEqual(['up']);
    const wrong = { name: 'ahead', status: 'down' as const, vantages: [], at: Date.now() + 86_400_000 };
    await store.record(wrong, 60_000);
    expect(await store.record({ ...wrong, status: 'up', at: Date.now() + 1 }, 60_000)).toBe(false);
    expect(store.results('ahead', 10).map(({ status }) => status)).toEqual(['up', 'up']);
    expect(store.changes('ahead', 0).map(({ status }) => status)).toEqual(['up']);
  });

  test('what check_add, check_run and check_remove refuse: INVALID_INPUT, NOT_FOUND', async () => {
    const fails = async (more: object) =>
      (await on.fails('check_add', { name: 'x', kind: 'http', target: web.url, ...more })).code;
    expect(await fails({ kind: 'command', command: 'id', from: ['hub'] })).toBe('INVALID_INPUT');
    expect(await fails({ kind: 'command', from: ['web1'] })).toBe('INVALID_INPUT');
    expect(await fails({ target: 'file:///etc/passwd' })).toBe('INVALID_INPUT');
    expect(await fails({ kind: 'ping', target: '-f' })).toBe('INVALID_INPUT');
    expect(await fails({ from: ['nobody'] })).toBe('NOT_FOUND');
    expect(await fails({ name: 'a b' })).toBe('INVALID_INPUT');
    for (const name of ['check_run', 'check_remove'])
      expect(await on.fails(name, { name: 'nothing' })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await on.fails('check_list', { name: 'nothing' })).toMatchObject({ code: 'NOT_FOUND' });
  });
});
