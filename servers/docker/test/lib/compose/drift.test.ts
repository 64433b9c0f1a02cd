import { describe, expect, test } from 'vitest';
import { driftOf, type ProjectContainer } from '../../../src/lib/compose/drift.ts';
import { explainChange } from '../../../src/lib/compose/explain-change.ts';
import { projectRows } from '../../../src/lib/compose/list-projects.ts';
import { ComposeModel } from '../../../src/lib/compose/model.ts';
import { modelNotes } from '../../../src/lib/compose/model-notes.ts';
import { driftSummary, renderDrift } from '../../../src/lib/compose/render-drift.ts';

const container = (service: string, more: Partial<ProjectContainer> = {}): ProjectContainer => ({
  id: `id-${service}`,
  name: `p-${service}-1`,
  service,
  imageId: 'sha256:one',
  image: 'app:1',
  configHash: `hash-${service}`,
  running: true,
  state: 'running',
  ...more,
});
const model = (services: Record<string, object>) => ComposeModel.parse({ name: 'p', services });

describe('drift', () => {
  const services = ['same', 'changed', 'missing', 'stopped', 'behind', 'scaled', 'off'];
  const rows = driftOf({
    model: model({
      ...Object.fromEntries(services.map((name) => [name, {}])),
      scaled: { deploy: { replicas: 2 } },
      off: { scale: 0 },
    }),
    hashes: new Map(services.map((name) => [name, `hash-${name}`])),
    containers: [
      container('same'),
      container('changed', { configHash: 'other' }),
      container('stopped', { running: false, state: 'exited' }),
      container('behind'),
      container('scaled'),
      container('old'),
    ],
    imageIds: new Map([
      ['behind', 'sha256:two'],
      ['same', 'sha256:one'],
    ]),
    explain: () => ['image a → b'],
  });

  test('every kind, worst first', () => {
    expect(rows.map(({ service, state }) => `${service} ${state}`)).toEqual([
      'missing missing',
      'changed changed',
      'old orphan',
      'scaled scale',
      'stopped stopped',
      'behind image_behind',
      'off same',
      'same same',
    ]);
    expect(rows[1]?.changes).toEqual(['image a → b']);
  });

  test('as text', () => {
    expect(driftSummary(rows)).toBe('1 missing, 1 changed, 1 orphan, 1 scale, 1 stopped, 1 image behind');
    expect(driftSummary([])).toBe('no drift');
    expect(renderDrift(rows)).toContain('  changed CHANGED (image a → b)');
  });
});

test('of a service that shares a network, compose alone knows whether it would be recreated', () => {
  const input = {
    model: model({ a: {}, b: { network_mode: 'service:a' } }),
    hashes: new Map([
      ['a', 'hash-a'],
      ['b', 'of the file'],
    ]),
    containers: [container('a'), container('b', { configHash: 'of the container' })],
    imageIds: new Map<string, string>(),
  };
  const states = (recreated: string[]) =>
    driftOf({ ...input, recreated: new Set(recreated) }).map(({ state }) => state);
  expect(states([])).toEqual(['same', 'same']);
  expect(states(['p-b-1'])).toEqual(['changed', 'same']);
});

test('what differs is named, values of variables are not', () => {
  const service = model({
    web: {
      image: 'app:2',
      command: ['run', '--password', 'hunter2'],
      environment: { KEEP: '1', NEW: 'x', SECRET_KEY: 'new-value' },
      ports: [{ target: 80, published: '8080', host_ip: '127.0.0.1' }],
      volumes: [{ type: 'volume', source: 'v', target: '/data' }],
    },
  }).services['web'];
  const running = {
    image: 'app:1',
    command: ['run'],
    env: ['KEEP=1', 'OLD=2', 'SECRET_KEY=old-value'],
    ports: [],
    mounts: ['/old'],
    restart: 'always',
  };
  const changes = explainChange(service ?? {}, running);
  expect(changes).toEqual([
    'image app:1 → app:2',
    'command run → run --password [hidden]',
    'environment: +NEW −OLD ~SECRET_KEY',
    'ports: +127.0.0.1:8080->80/tcp',
    'mounts: +/data −/old',
    'restart always → no',
  ]);
  expect(explainChange({}, { ...running, command: [], env: [], mounts: [], restart: '' })).toEqual([]);
});

test('projects by their labels, ill ones first, hostile names visible', () => {
  const labels = (project: string, service: string) => ({
    'com.docker.compose.project': project,
    'com.docker.compose.service': service,
    'com.docker.compose.project.working_dir': `/srv/${project}`,
    'com.docker.compose.project.config_files': `/srv/${project}/compose.yaml`,
  });
  const one = (project: string, service: string, State: string, Status = '') => ({
    Id: `${project}${service}`,
    Image: '',
    Created: 0,
    ImageID: '',
    State,
    Status,
    Labels: labels(project, service),
  });
  const rows = projectRows(
    [
      one('fine', 'a', 'running'),
      one('half', 'a', 'running'),
      one('half', 'b', 'exited'),
      one('ill', 'a', 'running', 'Up (unhealthy)'),
      one('bad\u001b[31m', 'a', 'exited'),
    ],
    new Set(['/srv/fine/compose.yaml']),
  );
  expect(rows.map(({ project, state, unhealthy, onDisk }) => [project, state, unhealthy, onDisk])).toEqual([
    ['ill', 'running', 1, false],
    ['half', 'partly', 0, false],
    ['bad␛[31m', 'stopped', 0, false],
    ['fine', 'running', 0, true],
  ]);
});

test('a model is looked at for what is risky', () => {
  const notes = modelNotes(
    model({
      web: {
        image: 'nginx',
        ports: [{ target: 80, published: '80' }],
        volumes: [{ type: 'bind', source: '/var/run/docker.sock', target: '/s' }],
        privileged: true,
      },
      db: {
        image: 'localhost:5000/db:1',
        healthcheck: { test: ['CMD', 'x'] },
        ports: [{ target: 1, published: '1', host_ip: '127.0.0.1' }],
      },
    }),
  );
  expect(notes.map((note) => note.slice(0, 24))).toEqual(
    [
      'web: port 80 is open to e',
      'web: its image has no fix',
      'web: it is privileged',
      'web: it holds the docker',
      'web: no health check in t',
    ].map((text) => text.slice(0, 24)),
  );
});
