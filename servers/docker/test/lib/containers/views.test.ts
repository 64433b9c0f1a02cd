import { expect, test } from 'vitest';
import { z } from 'zod';
import { epochSeconds } from '../../../src/lib/arguments.ts';
import { ContainerDetails } from '../../../src/lib/containers/details.ts';
import { inspectText, inspectView } from '../../../src/lib/containers/inspect-view.ts';
import { ContainerSummary, containerRow, portTexts } from '../../../src/lib/containers/summary.ts';
import { reckon } from '../../../src/lib/disk-usage/disk-usage.ts';
import { parseEvents } from '../../../src/lib/events/events.ts';
import { splitReference } from '../../../src/lib/images/pull-image.ts';
import { isoTime, table } from '../../../src/lib/text.ts';
import { ENGINES, fixtureJson, fixtureText } from '../../helpers/fixture.ts';

test('rows of real lists', () => {
  for (const name of ENGINES) {
    const [row] = z
      .array(ContainerSummary)
      .parse(fixtureJson(`${name}-containers.json`))
      .map(containerRow);
    expect(row, name).toMatchObject({
      name: 'web',
      image: 'localhost/box:1',
      state: 'running',
      id: expect.stringMatching(/^[0-9a-f]{12}$/),
    });
  }
});

test('ports: IPv4 and IPv6 of one port are one', () => {
  const Ports = [
    { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
    { IP: '::', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
    { PrivatePort: 443, Type: 'tcp' },
  ];
  expect(portTexts(ContainerSummary.parse({ Id: 'a', Ports }))).toEqual(['0.0.0.0:8080->80/tcp', '443/tcp']);
});

test('details of real containers, without their secrets', () => {
  for (const name of ENGINES) {
    const view = inspectView(ContainerDetails.parse(fixtureJson(`${name}-inspect.json`)));
    expect(view, name).toMatchObject({
      name: 'web',
      state: 'running',
      env: { DB_PASSWORD: '[hidden]' },
      limits: { memoryBytes: 67_108_864 },
      mounts: [{ source: 'store', destination: '/data' }],
    });
    expect(inspectText(view)).not.toContain('hunter22');
  }
});

test('secrets in the words of a command', () => {
  const details = ContainerDetails.parse({
    Id: 'a',
    State: {},
    Config: {
      Cmd: ['app', '--password', 'hunter22', '--token=abcdef99', 'redis://:pw123456@db'],
      Env: ['JWT_SECRET', 'X=1'],
    },
  });
  const { command, env } = inspectView(details);
  expect(command).toEqual(['app', '--password', '[hidden]', '--token=[hidden]', 'redis://:[hidden]@db']);
  expect(env).toEqual({ JWT_SECRET: '', X: '1' });
});

test('disk use as real engines tell it', () => {
  for (const name of ENGINES) {
    const { kinds } = reckon(fixtureJson(`${name}-df.json`) as never);
    expect(
      kinds.map(({ kind, count }) => `${kind} ${count}`),
      name,
    ).toEqual(['images 1', 'containers 1', 'volumes 1', 'build cache 0']);
    for (const { bytes, reclaimableBytes } of kinds) expect(reclaimableBytes).toBeLessThanOrEqual(bytes);
  }
  expect(
    reckon({ Images: null, Volumes: [{ Name: 'v', UsageData: { Size: -1, RefCount: 0 } }] } as never).volumes,
  ).toEqual([]);
});

test('events: noise and nonsense left out, the newest kept', () => {
  const { events, total } = parseEvents(
    `${fixtureText('docker-20.10-events.jsonl')}nonsense\n{"Action":"exec_start: true","Type":"container"}\n`,
    2,
  );
  expect(total).toBeGreaterThan(3);
  expect(events).toHaveLength(2);
  const hostile = parseEvents(
    '{"Type":"container","Action":"die\\u001b[2J","time":1,"Actor":{"ID":"x","Attributes":{"name":"a\\nb","exitCode":"1"}}}',
    9,
  );
  expect(hostile.events[0]).toMatchObject({ action: 'die␛[2J', detail: 'exitCode 1' });
});

test('times, references, tables', () => {
  expect(epochSeconds('15m', 1_000_000)).toBe(100);
  expect(epochSeconds('2026-01-31T10:00:00Z')).toBe(1_769_853_600);
  expect(isoTime('0001-01-01T00:00:00Z')).toBeUndefined();
  expect(splitReference('localhost:5000/a/b')).toEqual({ name: 'localhost:5000/a/b', tag: 'latest' });
  expect(splitReference('localhost:5000/a:2')).toEqual({ name: 'localhost:5000/a', tag: '2' });
  const lines = table('web1', ['name'], [['a\n--- end ---'], ['b'], ['c']], 2).split('\n');
  expect(lines.slice(1, -1)).toEqual(['name', 'a --- end ---', 'b', '… 1 more in the data']);
});
