import { describe, expect, test } from 'vitest';
import type { PruneFacts } from '../../../src/lib/prune/facts.ts';
import { type PruneOptions, prunePlan, requireSame } from '../../../src/lib/prune/prune-plan.ts';

const NOW = Date.parse('2026-01-31T00:00:00Z');
const OLD = NOW / 1000 - 1_000_000;
const options: PruneOptions = {
  kinds: ['container', 'image', 'network', 'cache'],
  unusedImages: true,
  before: NOW - 86_400_000,
  volumes: [],
};
const facts = (more: Partial<PruneFacts>): PruneFacts => ({
  containers: [],
  images: [],
  networks: [],
  volumes: [],
  cache: [],
  projectsOnDisk: new Set(['shop']),
  ...more,
});
const container = (id: string, more: object = {}) => ({
  Id: id,
  Names: [`/${id}`],
  ImageID: `img-${id}`,
  State: 'exited',
  Created: OLD,
  endedAt: OLD * 1000,
  ...more,
});
const image = (id: string, tags: string[], more: object = {}) => ({
  Id: id,
  RepoTags: tags,
  Created: OLD,
  Size: 10,
  SharedSize: 4,
  ...more,
});
const compose = (project: string) => ({ Labels: { 'com.docker.compose.project': project } });
const plan = (found: Partial<PruneFacts>, own: Partial<PruneOptions> = {}) => {
  const { items, kept } = prunePlan(facts(found), { ...options, ...own });
  return {
    items: items.map(({ target }) => target),
    kept: kept.map(({ name }) => name),
    bytes: items.reduce((sum, { bytes }) => sum + bytes, 0),
  };
};

describe('what may go and what stays', () => {
  test('containers', () => {
    const containers = [
      container('old', { SizeRw: 7 }),
      container('young', { endedAt: NOW }),
      container('running', { State: 'running' }),
      container('paused', { State: 'paused' }),
      container('guarded', { Labels: { 'flotilla.protect': '' } }),
      container('unguarded', { Labels: { 'flotilla.protect': 'false' } }),
      container('ours', compose('shop')),
      container('gone', compose('gone')),
    ];
    expect(plan({ containers })).toEqual({
      items: ['old', 'unguarded', 'gone'],
      kept: ['young', 'guarded', 'ours'],
      bytes: 7,
    });
  });

  test('images: used ones stay, also by a container that this plan removes', () => {
    const images = [
      image('img-a', ['a:1']),
      image('free', ['free:1', 'free:2']),
      image('dangling', ['<none>:<none>']),
      image('nothing', []),
      image('young', [], { Created: NOW / 1000 }),
      image('rollback', ['flotilla.rollback/x:1']),
      image('both', ['both:1', 'flotilla.rollback/x:2']),
    ];
    const all = plan({ containers: [container('a')], images });
    expect(all.items).toEqual(['a', 'free:1', 'free:2', 'dangling', 'nothing']);
    expect(all.kept).toEqual(['a:1', 'young', 'flotilla.rollback/x:1', 'both:1']);
    expect(all.bytes).toBe(18);
    expect(plan({ images }, { unusedImages: false }).items).toEqual(['dangling', 'nothing']);
  });

  test('an image in use is known with and without the prefix of its id', () => {
    const images = [image('sha256:abc', ['a:1'])];
    expect(
      plan({ images, containers: [container('c', { ImageID: 'abc', State: 'running' })] }).items,
    ).toEqual([]);
  });

  test('older rollback images only beyond the number to keep, and never one that is used', () => {
    const images = [1, 2, 3].map((at) =>
      image(`r${at}`, [`flotilla.rollback/x:${at}`], { Created: OLD + at }),
    );
    expect(plan({ images }, { keepRollback: 1 }).items).toEqual([
      'flotilla.rollback/x:1',
      'flotilla.rollback/x:2',
    ]);
    const containers = [container('c', { ImageID: 'r1', State: 'running' })];
    expect(plan({ images, containers }, { keepRollback: 1 }).items).toEqual(['flotilla.rollback/x:2']);
  });

  test('networks: not those of an engine, nor of any container', () => {
    const network = (Id: string, more: object = {}) => ({
      Id,
      Name: `n-${Id}`,
      Created: '2020-01-01T00:00:00Z',
      ...more,
    });
    const networks = [
      network('bridge', { Name: 'bridge' }),
      network('used'),
      network('byid'),
      network('free'),
      network('shop', compose('shop')),
      network('young', { Created: '2026-01-31T00:00:00Z' }),
    ];
    const ends = { Networks: { 'n-used': {}, other: { NetworkID: 'byid' } } };
    const found = plan({
      networks,
      containers: [container('a', { State: 'running', NetworkSettings: ends })],
    });
    expect(found).toMatchObject({ items: ['free'], kept: ['n-shop', 'n-young'] });
  });

  test('build cache that is not in use', () => {
    const record = (ID: string, more: object = {}) => ({
      ID,
      Type: 'regular',
      InUse: false,
      Shared: false,
      Size: 3,
      LastUsedAt: '2020-01-01T00:00:00Z',
      ...more,
    });
    expect(
      plan({
        cache: [
          record('old'),
          record('used', { InUse: true }),
          record('young', { LastUsedAt: '2026-01-31T00:00:00Z' }),
        ],
      }),
    ).toMatchObject({ items: ['old'], bytes: 3 });
  });

  test('volumes: none, unless named, and then not one in use', () => {
    const volumes = [
      { Name: 'free', UsageData: { Size: 9 } },
      { Name: 'used' },
      { Name: 'guarded', Labels: { 'flotilla.protect': '1' } },
    ];
    const containers = [container('a', { Mounts: [{ Type: 'volume', Name: 'used' }] })];
    expect(plan({ volumes }).items).toEqual([]);
    expect(plan({ volumes }, { volumes: ['free', 'free'] })).toMatchObject({ items: ['free'], bytes: 9 });
    expect(() => plan({ volumes, containers }, { volumes: ['used'] })).toThrow('a container uses it');
    expect(() => plan({ volumes }, { volumes: ['guarded'] })).toThrow('flotilla.protect');
    expect(() => plan({ volumes }, { volumes: ['nosuch'] })).toThrow('no volume');
  });
});

test('the token stands for exactly the items', () => {
  const one = prunePlan(facts({ containers: [container('a'), container('b')] }), options);
  const other = prunePlan(facts({ containers: [container('b'), container('a')] }), options);
  const third = prunePlan(facts({ containers: [container('a')] }), options);
  expect(one.token).toBe(other.token);
  expect(one.token).not.toBe(third.token);
  requireSame(one, other.token, 'web1');
  expect(() => requireSame(third, one.token, 'web1')).toThrow('has changed');
});
