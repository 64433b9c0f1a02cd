import { chmodSync, closeSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { StateStore } from '@flotilla/store';
import { freePort, tempDir } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  auditProbe,
  dataFolderProbe,
  diagnosticsTools,
  factProbe,
  type Probe,
  poolProbe,
  queueProbe,
  stateFileProbe,
} from '../src/diagnostics/index.ts';
import { runTools } from '../src/runs/index.ts';
import { type CallTool, callerOf, startWorld, type World } from './support/world.ts';

let world: World;
let call: CallTool;
let probes: Probe[];

beforeAll(async () => {
  world = await startWorld();
  chmodSync(world.dataDir, 0o700);
  const { engine, links, audit, store, ring } = world;
  probes = [
    factProbe('versions', () => ({ flotilla: '0.1.0', node: process.version })),
    dataFolderProbe(world.dataDir),
    stateFileProbe(store),
    queueProbe(engine, 1_000),
    poolProbe(links),
    auditProbe(audit),
  ];
  const tools = diagnosticsTools({ logs: ring, links, audit, probes: () => probes, probeMs: 2_000 });
  call = callerOf([...tools, ...runTools({ engine })], world);
});
afterAll(() => world.stop());

type Findings = { area: string; status: string; finding: string; remedy?: string; facts?: unknown }[];

describe('system_diagnostics', () => {
  test('a healthy system: every area is ok, and one line says so', async () => {
    const { data, words } = await call('system_diagnostics');
    expect(data['status']).toBe('ok');
    const areas = new Set((data['findings'] as Findings).map(({ area }) => area));
    expect([...areas].sort()).toEqual([
      'audit log',
      'data folder',
      'run queue',
      'ssh connections',
      'state file',
      'versions',
    ]);
    expect(words).toMatch(/^All \d+ checks are ok\./);
    expect((data['findings'] as Findings).some(({ facts }) => facts)).toBe(false);
    expect(
      ((await call('system_diagnostics', { verbose: true })).data['findings'] as Findings).some(
        ({ facts }) => facts,
      ),
    ).toBe(true);
  });

  test('a data folder that others can read fails, with the command that repairs it', async () => {
    chmodSync(world.dataDir, 0o755);
    const { data, words } = await call('system_diagnostics');
    chmodSync(world.dataDir, 0o700);
    expect(data['status']).toBe('fail');
    expect((data['findings'] as Findings)[0]).toMatchObject({
      status: 'fail',
      remedy: `chmod 700 ${world.dataDir}`,
    });
    expect(words).toContain('FAIL data folder');
    expect(words).toContain(`chmod 700 ${world.dataDir}`);
  });

  test('a probe that throws, and one that never answers, are findings; the others still answer', async () => {
    probes.push(
      { area: 'thrower', look: () => Promise.reject(new Error('no way')) },
      { area: 'sleeper', look: () => new Promise(() => {}) },
    );
    const { data } = await call('system_diagnostics');
    probes.splice(-2);
    const findings = data['findings'] as Findings;
    expect(findings.find(({ area }) => area === 'thrower')).toMatchObject({
      status: 'fail',
      finding: 'no way',
    });
    expect(findings.find(({ area }) => area === 'sleeper')).toMatchObject({
      status: 'fail',
      finding: 'no answer within 2000 ms',
    });
    expect(findings.filter(({ status }) => status === 'ok').length).toBeGreaterThan(4);
  });

  test('a full queue and a missing folder are told', async () => {
    const id = await world.submit('exec', { alias: 'web1', cmd: 'sleep 5' });
    const [first, second] = await queueProbe(world.engine, 1).look();
    expect(first).toMatchObject({ status: 'ok' });
    expect(second).toMatchObject({ status: 'fail', finding: '1 of at most 1 open runs' });
    await world.engine.cancel(id, { id: 'stdio:0', kind: 'stdio' });
    await expect(dataFolderProbe('/no/such/folder').look()).rejects.toThrow('ENOENT');
  });

  test('an interrupted run, a long wait and a dead queue are told', async () => {
    const stats = world.engine.stats();
    const looked = await queueProbe(
      {
        stats: () => ({
          ...stats,
          byStatus: { interrupted: 2 },
          depth: 3,
          oldestWaitMs: 120_000,
          driver: { ...stats.driver, ok: false, detail: 'gone' },
        }),
      },
      1_000,
    ).look();
    expect(looked.map(({ status, finding }) => `${status} ${finding}`)).toEqual([
      expect.stringMatching(/^fail The .* queue is not working: gone$/),
      'warn A run has been waiting to start for 2 min 0 s',
      'warn 2 interrupted run(s): whether they took effect is not known',
    ]);
  });

  test('a host that could not be reached is named', async () => {
    const { host, user, keyPath } = world.sshd;
    await world.inventory.save(
      { alias: 'closed', host, port: await freePort(), user, keyPath },
      { person: true },
    );
    await world.ended(await world.submit('exec', { alias: 'closed', cmd: 'true' }));
    const looked = await poolProbe(world.links).look();
    expect(looked).toContainEqual(
      expect.objectContaining({ status: 'warn', finding: 'No connection to closed' }),
    );
  });

  test('an audit log that somebody changed fails', async () => {
    await call('queue_stats');
    await world.audit.flush();
    await world.store.write((sql) => sql.run("UPDATE audit SET tool = 'other' WHERE seq = 1"));
    const looked = await auditProbe(world.audit).look();
    await world.store.write((sql) => sql.run('DELETE FROM audit'));
    expect(looked).toMatchObject([{ status: 'fail', finding: expect.stringContaining('row 1') }]);
  });

  test('a damaged state file fails', async () => {
    const folder = tempDir('damaged');
    const file = join(folder.path, 'state.sqlite');
    const parts = [
      {
        name: 'x',
        migrations: [
          'CREATE TABLE t (a TEXT) STRICT',
          `INSERT INTO t SELECT hex(randomblob(2000)) FROM (VALUES (1),(2),(3),(4),(5),(6),(7),(8))`,
        ],
      },
    ];
    const store = StateStore.open({ file, parts });
    await store.write((sql) => sql.run('CREATE INDEX i ON t (a)'));
    expect(await stateFileProbe(store).look()).toMatchObject([{ status: 'ok' }]);
    await store.close();
    const fd = openSync(file, 'r+');
    writeSync(fd, Buffer.alloc(300, 0xff), 0, 300, statSync(file).size - 4096);
    closeSync(fd);
    const reopened = StateStore.open({ file, parts });
    expect(await stateFileProbe(reopened).look()).toMatchObject([{ status: 'fail' }]);
    await reopened.close();
    folder.remove();
  });
});

test('pool_stats shows what is connected', async () => {
  await world.ended(await world.submit('exec', { alias: 'web1', cmd: 'true' }));
  const { data, words } = await call('pool_stats');
  expect((data['rows'] as { alias: string; connections: number }[])[0]).toMatchObject({
    alias: 'web1',
    connections: 1,
  });
  expect(words).toMatch(/HOST +CONNECTIONS/);
  expect(words).toContain('web1');
});

test('task_logs finds lines by level and words, the newest first', async () => {
  world.log.fatal({ mount: 'a' }, 'first of the log test');
  world.log.fatal({ mount: 'b' }, 'second of the log test');
  const { data, words } = await call('task_logs', { search: 'LOG TEST', level: 'error' });
  const rows = data['rows'] as { message: string; fields?: unknown }[];
  expect(rows.map(({ message }) => message)).toEqual(['second of the log test', 'first of the log test']);
  expect(words).toMatch(/ago {2}FATAL {2}second of the log test\n/);
  expect(rows[0]?.fields).toBeUndefined();
  const full = await call('task_logs', { search: 'second of', compact: false, limit: 1 });
  expect((full.data['rows'] as { fields: unknown }[])[0]?.fields).toMatchObject({ mount: 'b' });
  expect((await call('task_logs', { search: 'never said' })).words).toBe('No line matches.');
});

describe('audit_search', () => {
  test('a call is found by tool, text, principal and time', async () => {
    const before = new Date(Date.now() - 1_000).toISOString();
    await call(
      'task_history',
      { text: 'needle-in-arguments' },
      { principal: { id: 'token:ci', kind: 'token', client: { name: 'ci', version: '2' } } },
    );
    await world.audit.flush();
    for (const query of [
      { text: 'needle-in' },
      { tool: 'task_hist*', text: 'needle' },
      { principal: 'token:ci' },
      { principal: 'token:ci', since: before, until: new Date(Date.now() + 60_000).toISOString() },
    ]) {
      const { data, words } = await call('audit_search', { ...query, limit: 1 });
      expect((data['rows'] as unknown[])[0], JSON.stringify(query)).toMatchObject({
        tool: 'task_history',
        principal: 'token:ci',
        client: 'ci 2',
        effect: 'read',
        result: 'ok',
        args: { text: 'needle-in-arguments' },
      });
      expect(words).toContain('token:ci (ci 2)');
    }
    expect((await call('audit_search', { principal: 'token:ci', until: before })).data['rows']).toEqual([]);
  });

  test.each(['yesterday', '2030-01-01', '2030-13-01T00:00:00Z', '2030-01-01T00:00:00'])(
    'the time %j is refused',
    async (since) => {
      expect((await call('audit_search', { since })).data).toMatchObject({ code: 'INVALID_INPUT' });
    },
  );
});
