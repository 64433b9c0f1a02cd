import { expect, test } from 'vitest';
import { createFrom } from '../../../src/lib/update/create-body.ts';
import { movableTag } from '../../../src/lib/update/image-reference.ts';
import { ContainerInspect } from '../../../src/lib/update/inspected.ts';
import { changedLimits, limitsOf, memoryBytes } from '../../../src/lib/update/limits.ts';
import { registryOf } from '../../../src/lib/update/registry-auth.ts';
import { rollbackTag } from '../../../src/lib/update/rollback-image.ts';

const ID = 'abcdef123456'.padEnd(64, '0');
const container = (
  more: { Config?: object; HostConfig?: object; Networks?: object; Mounts?: object[] } = {},
) =>
  ContainerInspect.parse({
    Id: ID,
    Name: '/web',
    Image: 'sha256:old',
    State: {},
    Config: {
      Image: 'app:1',
      Hostname: 'abcdef123456',
      Env: ['PATH=/bin', 'MODE=x'],
      Cmd: ['run'],
      Labels: { own: '1', given: '2' },
      Tty: true,
      ...more.Config,
    },
    HostConfig: { Memory: 5, NetworkMode: 'front', ...more.HostConfig },
    NetworkSettings: {
      Networks: more.Networks ?? {
        back: { Aliases: ['b', 'abcdef123456'] },
        front: { Aliases: ['web'], IPAMConfig: { IPv4Address: '10.0.0.5' }, Gateway: 'x' },
      },
    },
    Mounts: more.Mounts ?? [],
  });

test('what the old image gave is left to the new one, the rest is kept', () => {
  const { name, body, connect } = createFrom(container(), {
    image: 'app:2',
    imageDefaults: { Env: ['PATH=/bin'], Cmd: ['run'], Labels: { given: '2' } },
    labels: { image: 'new' },
  });
  expect(name).toBe('web');
  expect(body).toEqual({
    Image: 'app:2',
    Env: ['MODE=x'],
    Labels: { own: '1', image: 'new' },
    Tty: true,
    HostConfig: { Memory: 5, NetworkMode: 'front' },
    NetworkingConfig: {
      EndpointsConfig: { front: { Aliases: ['web'], IPAMConfig: { IPv4Address: '10.0.0.5' } } },
    },
  });
  expect(connect).toEqual([{ network: 'back', endpoint: { Aliases: ['b'] } }]);
});

test('anonymous volumes go along, a host name of its own, too; a shared network has no ends', () => {
  const Mounts = [
    { Type: 'volume', Name: 'anon', Destination: '/data', RW: true },
    { Type: 'volume', Name: 'named', Destination: '/named' },
    { Type: 'bind', Source: '/srv', Destination: '/srv' },
  ];
  const made = createFrom(
    container({ Mounts, Config: { Hostname: 'shop' }, HostConfig: { Binds: ['named:/named', '/srv:/srv'] } }),
  );
  expect(made.body['HostConfig']).toMatchObject({ Binds: ['named:/named', '/srv:/srv', 'anon:/data'] });
  expect(made.body['Hostname']).toBe('shop');
  const shared = createFrom(container({ HostConfig: { NetworkMode: 'container:xyz' }, Networks: {} }));
  expect(shared.body['NetworkingConfig']).toBeUndefined();
  expect(shared.connect).toEqual([]);
});

test('a volume that the engine made for a mount is the one of the new container', () => {
  const Mounts = [{ Type: 'volume', Name: 'made', Destination: '/data' }];
  const settings = [
    { Type: 'volume', Target: '/data' },
    { Type: 'tmpfs', Target: '/tmp' },
    { Type: 'volume', Source: 'own', Target: '/own' },
  ];
  const { body } = createFrom(container({ Mounts, HostConfig: { Mounts: settings } }));
  expect(body['HostConfig']).toMatchObject({
    Mounts: [{ Target: '/data', Source: 'made' }, settings[1], settings[2]],
  });
  expect(body['HostConfig']).not.toHaveProperty('Binds');
});

test('limits of Podman are written as it takes them', () => {
  const Ulimits = [
    { Name: 'RLIMIT_NOFILE', Soft: 1, Hard: 2 },
    { Name: 'nproc', Soft: 3, Hard: 4 },
  ];
  const { body } = createFrom(container({ HostConfig: { Ulimits } }));
  expect(body['HostConfig']).toMatchObject({ Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }, Ulimits[1]] });
});

test('references', () => {
  expect(movableTag('nginx')).toEqual({ repo: 'nginx', tag: 'latest' });
  expect(movableTag('localhost:5000/a/b')).toEqual({ repo: 'localhost:5000/a/b', tag: 'latest' });
  expect(movableTag('localhost:5000/a/b:2')).toEqual({ repo: 'localhost:5000/a/b', tag: '2' });
  expect(movableTag(`a@sha256:${'0'.repeat(64)}`)).toBeUndefined();
  expect(movableTag(`sha256:${'0'.repeat(64)}`)).toBeUndefined();
  expect(registryOf('nginx:1')).toBe('https://index.docker.io/v1/');
  expect(registryOf('team/app')).toBe('https://index.docker.io/v1/');
  expect(registryOf('ghcr.io/team/app')).toBe('ghcr.io');
  expect(registryOf('localhost/app')).toBe('localhost');
  expect(rollbackTag('Shop__Web.1', `sha256:${'ab'.repeat(32)}`)).toEqual({
    repo: 'flotilla.rollback/shop-web-1',
    tag: 'abababababab',
  });
  expect(rollbackTag('---', 'sha256:x')).toEqual({ repo: 'flotilla.rollback/container', tag: 'x' });
});

test('limits before and after; the amount of swap stays', () => {
  const before = limitsOf(
    container({
      HostConfig: {
        Memory: 100,
        MemorySwap: 150,
        CpuQuota: 50_000,
        CpuPeriod: 100_000,
        RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 },
      },
    }),
  );
  expect(before).toEqual({
    memoryBytes: 100,
    memorySwapBytes: 150,
    cpus: 0.5,
    pids: null,
    restart: 'on-failure',
    restartRetries: 2,
  });
  const { after, body } = changedLimits(before, { memory: 200, pids: -1, restart: 'always' });
  expect(after).toEqual({ memoryBytes: 200, memorySwapBytes: 250, cpus: 0.5, pids: null, restart: 'always' });
  expect(body).toEqual({
    Memory: 200,
    MemorySwap: 250,
    PidsLimit: -1,
    RestartPolicy: { Name: 'always', MaximumRetryCount: 0 },
  });
  expect(changedLimits({ ...before, memorySwapBytes: -1 }, { memory: 200 }).body).toEqual({
    Memory: 200,
    MemorySwap: -1,
  });
  expect(
    changedLimits({ ...before, memoryBytes: null, memorySwapBytes: null }, { memory: 200 }).body,
  ).toEqual({ Memory: 200, MemorySwap: 400 });
  expect([memoryBytes('6m'), memoryBytes('1.5G')]).toEqual([6 * 1024 ** 2, 1.5 * 1024 ** 3]);
  expect(() => memoryBytes('5m')).toThrow('6 MiB');
});
