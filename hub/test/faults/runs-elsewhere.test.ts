import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSshd, type TestSshd, tempDir, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RealHub, startRealHub } from '../support/real-hub.ts';

interface Row {
  id: string;
  tool: string;
  state: string;
  mount?: string;
  principal?: string;
  server?: string;
}
interface List {
  rows: Row[];
  total: number;
  nextOffset?: number;
  missing?: { mount: string; reason: string }[];
}

const folder = tempDir('runs-elsewhere');
let sshd: TestSshd;
let one: RealHub;

beforeAll(async () => {
  sshd = await startSshd();
  one = await startRealHub('HTTP', folder.path, sshd);
  await one.call('task_exec', { alias: 'web1', cmd: 'echo first' });
  writeFileSync(join(one.files, 'a.txt'), 'a');
  await one.call('task_transfer', {
    alias: 'web1',
    direction: 'upload',
    local: 'a.txt',
    remote: join(sshd.home, 'a.txt'),
  });
  await one.call('task_exec', { alias: 'web1', cmd: 'exit 3' });
}, 60_000);
afterAll(async () => {
  for (const server of one.servers.values()) server.process.kill('SIGCONT');
  await one.stop();
  await sshd.stop();
  folder.remove();
});

const list = async (tool: string, args: Record<string, unknown> = {}): Promise<List & { text: string }> => {
  const { data, content } = await one.call(tool, args);
  return { ...(data as unknown as List), text: JSON.stringify(content) };
};

test('ended runs of all mounts, the newest first, each with its mount', async () => {
  const { rows, total, missing, text } = await list('task_history');
  expect(rows.map(({ tool, mount }) => [tool, mount])).toEqual([
    ['task_exec', 'ssh-exec'],
    ['task_transfer', 'sftp'],
    ['task_exec', 'ssh-exec'],
  ]);
  expect({ total, missing }).toEqual({ total: 3, missing: undefined });
  expect(text).toContain('MOUNT');
});

test('pages are cut from all of them together', async () => {
  const all = (await list('task_history')).rows.map(({ id }) => id);
  const first = await list('task_history', { limit: 2 });
  const second = await list('task_history', { limit: 2, offset: first.nextOffset });
  expect([...first.rows, ...second.rows].map(({ id }) => id)).toEqual(all);
  expect({ next: second.nextOffset, total: second.total }).toEqual({ next: undefined, total: 3 });
});

test('filters reach the mounts; everything is there without compact', async () => {
  const { rows } = await list('task_history', { tool: 'task_transfer', compact: false });
  expect(rows).toMatchObject([{ tool: 'task_transfer', server: 'sftp', principal: expect.any(String) }]);
  expect((await list('task_history', { state: 'failed' })).rows).toHaveLength(1);
});

test('open runs, and their ids, work at the hub', async () => {
  const gate = join(sshd.home, 'gate');
  await one.call('task_exec', { alias: 'web1', cmd: `while [ ! -e ${gate} ]; do sleep 0.05; done` });
  const { rows } = await list('task_queue');
  expect(rows).toMatchObject([{ tool: 'task_exec', state: 'running', mount: 'ssh-exec' }]);
  writeFileSync(gate, '');
  const waited = await one.call('task_wait', { id: rows[0]?.id, seconds: 30 });
  expect(waited.data).toMatchObject({ id: rows[0]?.id, state: 'succeeded' });
  expect((await list('task_queue')).rows).toEqual([]);
});

test('numbers count the mounts in', async () => {
  const { data } = await one.call('queue_stats', {});
  expect(data).toMatchObject({
    total: 4,
    byType: { task_exec: 3, task_transfer: 1 },
    byStatus: { succeeded: 3, failed: 1 },
    successRate: 0.75,
    mounts: [
      { mount: 'ssh-exec', total: 3, driver: { ok: true } },
      { mount: 'sftp', total: 1, driver: { ok: true } },
    ],
  });
});

test('one that hangs, and one that is gone, are named; the others are listed', async () => {
  one.servers.get('sftp')?.process.kill('SIGSTOP');
  const hanging = await list('task_history');
  expect(hanging.missing).toMatchObject([{ mount: 'sftp', reason: expect.stringContaining('no answer') }]);
  expect(hanging.rows.map(({ mount }) => mount)).toEqual(['ssh-exec', 'ssh-exec', 'ssh-exec']);
  expect(hanging.text).toContain('Without the runs of sftp');
  one.servers.get('sftp')?.process.kill('SIGCONT');

  await one.servers.get('ssh-exec')?.kill();
  await waitFor(() => one.hub.backends.some(({ state }) => state.status === 'unavailable'), {
    what: 'the hub to notice',
  });
  const gone = await list('task_queue', { status: ['succeeded', 'running'] });
  expect(gone.missing).toMatchObject([{ mount: 'ssh-exec', reason: expect.stringContaining('unavailable') }]);
  expect(gone.rows.map(({ mount }) => mount)).toEqual(['sftp']);
  const { data } = await one.call('queue_stats', {});
  expect(data).toMatchObject({ total: 1, missing: [{ mount: 'ssh-exec' }] });
});
