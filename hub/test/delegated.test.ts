import type { AdmittedCall } from '@flotilla/core';
import type { FlotillaConfig, Mount } from '@flotilla/core/config';
import { expect, test } from 'vitest';
import { mountWorker } from '../src/backend/mount-worker.ts';
import { delegatedServers } from '../src/delegated.ts';
import { workersProbe } from '../src/workers-probe.ts';

const mount = (name: string, more: Partial<Extract<Mount, { kind: 'worker' }>> = {}): Mount => ({
  kind: 'worker',
  name,
  disabled: false,
  headers: {},
  ...more,
});
const configOf = (...mounts: Mount[]) =>
  ({
    mounts,
    configFile: '/c.json',
    jobs: { redis: { url: 'redis://localhost' } },
  }) as unknown as FlotillaConfig;

test('workers can be of our servers that work on hosts', () => {
  const url = 'http://docker:7700/mcp';
  const { names, forward } = delegatedServers(
    configOf(mount('docker', { url }), mount('sftp'), mount('monitoring', { disabled: true }), {
      kind: 'builtin',
      name: 'ssh-exec',
      builtin: 'ssh-exec',
      disabled: false,
    }),
  );
  expect([...names]).toEqual(['docker', 'sftp']);
  expect([...forward.keys()]).toEqual(['docker']);
  for (const name of ['schedules', 'pipelines', 'somebody-else'])
    expect(() => delegatedServers(configOf(mount(name)))).toThrow(
      expect.objectContaining({
        code: 'INVALID_INPUT',
        details: { file: '/c.json', key: `mcpServers.${name}` },
      }),
    );
  expect(delegatedServers(configOf()).names.size).toBe(0);
});

test('without a queue that workers see, their runs are not left to them', () => {
  const config = { ...configOf(mount('docker')), jobs: {} } as unknown as FlotillaConfig;
  expect(delegatedServers(config)).toMatchObject({ names: new Set(), withoutQueue: ['docker'] });
  expect(delegatedServers(configOf(mount('docker'))).withoutQueue).toEqual([]);
});

test('a call before the mounts are there says that it can be made again', async () => {
  const { forward } = delegatedServers(configOf(mount('docker', { url: 'http://docker:7700/mcp' })));
  const call = async () => forward.get('docker')?.({} as AdmittedCall, new AbortController().signal);
  await expect(call()).rejects.toMatchObject({ code: 'SERVER_UNAVAILABLE' });
});

test('a worker that answers calls needs a token that it knows us by', () => {
  const parts = { base: {}, side: { tokenOf: () => undefined }, hubVersion: '1' } as never;
  const worker = mount('docker', { url: 'http://docker:7700/mcp' }) as Extract<Mount, { kind: 'worker' }>;
  expect(() => mountWorker(worker, parts)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
  expect(() => mountWorker({ ...worker, headers: { authorization: 'Basic x' } }, parts)).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT' }),
  );
});

test('the diagnostics name lanes without a worker, and workers that do not answer', async () => {
  const present = [{ id: 'a', token: 't', lanes: ['docker'], labels: [], seenAt: 0 }];
  const silent = { name: 'sftp', state: { status: 'unavailable', cause: 'it is away', retryInMs: 1 } };
  const probe = workersProbe(
    { names: new Set(['docker', 'sftp']), withoutQueue: ['monitoring'] },
    () => ({ list: () => present }) as never,
    [silent as never],
  );
  expect((await probe.look()).map(({ status, finding }) => `${status}: ${finding}`)).toEqual([
    'ok: docker: 1 workers take its runs',
    'warn: no worker takes runs of sftp: they wait',
    'warn: runs of monitoring are taken here: workers see no queue',
    'fail: the worker of sftp does not answer calls: it is away',
  ]);
});
