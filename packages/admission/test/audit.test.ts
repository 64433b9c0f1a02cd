import { expect, test, vi } from 'vitest';
import { entry, fill, open } from './temp-audit.ts';

test('a call is one entry: what was asked, by whom, and how it ended', async () => {
  const { audit } = open();
  audit.begin(entry()).end({ result: 'run', runId: 'run_1', durationMs: 12.6 });
  await audit.flush();
  expect(audit.search()).toEqual({
    more: false,
    calls: [
      {
        seq: 1,
        time: expect.any(Number),
        tool: 'task_exec',
        principal: 'stdio:1000',
        client: 'claude-code 2',
        effect: 'destroy',
        aliases: ['web1'],
        args: { alias: 'web1', cmd: 'uptime' },
        result: 'run',
        runId: 'run_1',
        durationMs: 13,
      },
    ],
  });
});

test('a call that did not end is open, also in the next process', async () => {
  const { folder, audit } = open();
  audit.begin(entry());
  await audit.flush();
  expect(open(folder).audit.search().calls).toMatchObject([{ result: 'open' }]);
});

test('rows are stored without anybody waiting for them', async () => {
  const { audit } = open();
  audit.begin(entry({ effect: 'read' })).end({ result: 'ok', durationMs: 1 });
  audit.begin(entry({ effect: 'write' }));
  await vi.waitFor(() => expect(audit.search().calls.map((call) => call.result)).toEqual(['open', 'ok']));
});

test('the row of a call that changes something is stored before the next turn of a durable write ends', async () => {
  const { audit, store } = open();
  audit.begin(entry());
  await store.write(() => undefined);
  expect(audit.search().calls).toHaveLength(1);
});

test('searches by text, host, tool, person and time, newest first, with a limit', async () => {
  let time = 1_000;
  const { audit } = open(undefined, () => time++);
  audit.begin(entry({ args: { alias: 'web1', cmd: 'grep 100% "a_b\\c" é\n' } }));
  audit.begin(entry({ tool: 'file_read', effect: 'read', aliases: ['web1', 'db1'], principal: 'cli:0' }));
  audit.begin(entry({ tool: 'server_add', aliases: [], args: { alias: 'new.host' } }));
  await audit.flush();
  const tools = (query: Parameters<typeof audit.search>[0]): string[] =>
    audit.search(query).calls.map((call) => call.tool);
  expect(tools({})).toEqual(['server_add', 'file_read', 'task_exec']);
  expect(tools({ text: 'UPTIME' })).toEqual(['file_read']);
  for (const text of ['100%', 'a_b\\c', '"a_b', 'é\n', 'TASK_EX'])
    expect(tools({ text })).toEqual(['task_exec']);
  for (const text of ['100_', '1%0', 'a-b']) expect(tools({ text })).toEqual([]);
  expect(tools({ alias: 'db1' })).toEqual(['file_read']);
  expect(tools({ alias: 'web' })).toEqual([]);
  expect(tools({ alias: 'new.host' })).toEqual(['server_add']);
  expect(tools({ tool: 'file_*' })).toEqual(['file_read']);
  expect(tools({ tool: 'file' })).toEqual([]);
  expect(tools({ tool: '[f]ile_read' })).toEqual([]);
  expect(tools({ principal: 'cli:0' })).toEqual(['file_read']);
  const [newest, middle] = audit.search().calls;
  expect(tools({ since: newest?.time })).toEqual(['server_add']);
  expect(tools({ until: middle?.time })).toEqual(['file_read', 'task_exec']);
  expect(audit.search({ limit: 2 })).toMatchObject({ more: true, calls: [{}, {}] });
  expect(audit.search({ limit: 3 }).more).toBe(false);
});

test('secrets are masked and long arguments are cut', async () => {
  const { audit, store } = open();
  audit.begin(
    entry({ client: 'canary-client', args: { cmd: 'echo canary-password', password: 'canary-2' } }),
  );
  audit.begin(entry({ args: { content: 'x'.repeat(1_000_000), after: 'canary-late' } }));
  await audit.flush();
  const [long, short] = audit.search().calls;
  expect(short).toMatchObject({ client: '[secret]', args: { cmd: 'echo [secret]', password: '[secret]' } });
  expect(JSON.stringify(long).length).toBeLessThan(6_000);
  expect(long?.args).toMatchObject({ _chars: expect.any(Number) });
  expect(JSON.stringify(store.read((sql) => sql.all('SELECT * FROM audit')))).not.toContain('canary');
  expect((await audit.verify()).ok).toBe(true);
});

test('a thousand calls at once are all there, and beginning one costs the caller next to nothing', async () => {
  const { audit } = open();
  await fill(audit, 1_000);
  expect(audit.search({ limit: 1_000 }).calls.filter((call) => call.result === 'ok')).toHaveLength(1_000);
  expect(await audit.verify()).toMatchObject({ ok: true, rows: 2_000 });
});

test('while rows cannot be stored, changes are refused, reading goes on, and nothing is forgotten', async () => {
  const { audit, store } = open();
  await store.write((sql) => {
    sql.run("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END");
  });
  audit.begin(entry()).end({ result: 'ok', durationMs: 1 });
  await audit.flush();
  expect(() => audit.begin(entry({ effect: 'write' }))).toThrow(/audit log/);
  audit.begin(entry({ effect: 'read' })).end({ result: 'ok', durationMs: 1 });
  await store.write((sql) => sql.run('DROP TRIGGER full'));
  await audit.flush();
  expect(audit.search().calls.map((call) => [call.effect, call.result])).toEqual([
    ['read', 'ok'],
    ['write', 'error'],
    ['destroy', 'ok'],
  ]);
  audit.begin(entry({ effect: 'write' })).end({ result: 'ok', durationMs: 1 });
  await audit.flush();
  expect(await audit.verify()).toMatchObject({ ok: true, rows: 8 });
});

test('a call that begins while others are being stored is not lost', async () => {
  const { audit, store } = open();
  audit.begin(entry({ args: { n: 1 } }));
  await store.write(() => void audit.begin(entry({ args: { n: 2 } })));
  await audit.flush();
  expect(audit.search().calls.map((call) => call.args['n'])).toEqual([2, 1]);
});
