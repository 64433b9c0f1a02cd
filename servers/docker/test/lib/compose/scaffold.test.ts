import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { scaffold } from '../../../src/lib/compose/scaffold.ts';
import { scaffoldShape } from '../../../src/lib/compose/scaffold-input.ts';

const make = (services: object[]) =>
  scaffold(z.strictObject(scaffoldShape).parse({ project: 'shop', services }));

test('safe by default', () => {
  const { text, notes } = make([
    { name: 'web', image: 'nginx:1.27', ports: [{ target: 80, published: 8080 }] },
  ]);
  expect(parse(text)).toEqual({
    name: 'shop',
    services: {
      web: {
        image: 'nginx:1.27',
        restart: 'unless-stopped',
        user: '65534:65534',
        init: true,
        security_opt: ['no-new-privileges:true'],
        cap_drop: ['ALL'],
        ports: ['127.0.0.1:8080:80'],
        deploy: { resources: { limits: { cpus: '1', memory: '256m', pids: 200 } } },
        logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } },
      },
    },
  });
  expect(notes).toEqual([expect.stringContaining('web has no health check')]);
});

test('secrets become variables, volumes and networks are declared, openness is said', () => {
  const { text, variables, notes } = make([
    {
      name: 'db',
      image: 'postgres:17',
      user: 'image',
      env: { POSTGRES_PASSWORD: 'hunter2', POSTGRES_DB: 'x: y # z', POSTGRES_PASSWORD_FILE: '/run/x' },
      volumes: [
        { source: 'data', target: '/data' },
        { source: './conf', target: '/conf', readOnly: true },
      ],
      networks: ['inner'],
      ports: [{ target: 5432, published: 5432, host: '0.0.0.0' }],
      healthcheck: ['CMD', 'pg_isready'],
    },
  ]);
  expect(text).not.toContain('hunter2');
  expect(variables).toEqual(['POSTGRES_PASSWORD']);
  const file = parse(text);
  expect(file.services.db.environment).toEqual({
    POSTGRES_PASSWORD: `\${POSTGRES_PASSWORD:?set it in .env}`,
    POSTGRES_DB: 'x: y # z',
    POSTGRES_PASSWORD_FILE: '/run/x',
  });
  expect(file.services.db.volumes).toEqual(['data:/data', './conf:/conf:ro']);
  expect(file).toMatchObject({ volumes: { data: {} }, networks: { inner: {} } });
  expect(file.services.db.user).toBeUndefined();
  expect(notes.join()).toContain('publishes port 5432 to every network');
});

test('names and lines that could break out of the file are refused', () => {
  for (const service of [
    { name: 'A b', image: 'x' },
    { name: 'a', image: 'x\nprivileged: true' },
    { name: 'a', image: 'x', ports: [{ target: 80, published: 80, host: 'evil' }] },
  ])
    expect(() => make([service])).toThrow();
});
