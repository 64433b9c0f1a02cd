import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readApisFile } from '../../src/lib/api/apis-file.ts';
import { probeProcess } from '../helpers/probe-process.ts';
import { webServer } from '../helpers/web-server.ts';

const on = probeProcess();
const file = (): string => join(on.dataDir, 'apis.json');
const write = (content: unknown): void =>
  writeFileSync(file(), typeof content === 'string' ? content : JSON.stringify(content));
const KEY = 'sesame-open-0815';
const PASS = 'pa:ss "word" $(id)';

test('api_import takes over what the earlier orchestrator wrote, and says what does not fit', async () => {
  const web = await webServer((request, response) => {
    const { authorization } = request.headers;
    const ok =
      authorization === `Bearer ${KEY}` ||
      authorization?.endsWith(Buffer.from(`me:${PASS}`).toString('base64'));
    response.writeHead(ok ? 200 : 401).end();
  });
  write({
    shop: {
      url: web.url,
      health_check_endpoint: '/health',
      health_check_method: 'GET',
      auth_method: 'api_key',
      api_key: KEY,
      auth_header_name: 'Authorization',
      auth_scheme: 'Bearer',
      htpasswd_user: null,
      notes: '',
      createdAt: '2025-01-01',
    },
    admin: { url: `${web.url}/x`, auth_method: 'htpasswd', htpasswd_user: 'me', htpasswd_pass: PASS },
    'no name': { url: web.url },
    loud: { url: `https://me:${PASS.replaceAll(' ', '')}@api.example.com` },
    keyless: { url: web.url, auth_method: 'api_key' },
    ftp: { url: 'ftp://example.com' },
    odd: 7,
  });
  const rows = [
    { alias: 'no name', action: 'refused' },
    { alias: 'ftp', action: 'refused', reason: 'url: an http or https URL' },
    { alias: 'odd', action: 'refused' },
    { alias: 'shop', action: 'add', url: `${web.url}/`, auth_method: 'api_key', leftOut: ['createdAt'] },
    { alias: 'admin', action: 'add' },
    { alias: 'loud', action: 'refused', reason: 'url holds a user or password.' },
    { alias: 'keyless', action: 'refused', reason: 'The auth_method of this API needs api_key.' },
  ];
  const plan = await on.ok('api_import', { dryRun: true });
  expect(plan).toMatchObject({ dryRun: true, source: file(), rows, secretsInClear: true });
  expect((await on.ok<{ apis: object[] }>('api_list')).apis).toEqual([]);

  const done = await on.ok('api_import');
  expect(done).toMatchObject({ rows });
  expect(done.text).toContain('Imported 2 APIs of 7');
  expect(done.text).toContain('in clear');
  for (const alias of ['shop', 'admin'])
    expect(await on.ok('api_check', { alias }), alias).toMatchObject({ status: 'UP', http_code: 200 });
  expect(web.requests[0]?.url).toBe('/health');
  rmSync(file());
  const stored = readdirSync(on.dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join();
  expect(stored).not.toContain(KEY);
  expect(JSON.stringify([plan, done])).not.toMatch(/sesame|pa:ss/);
});

test('an alias that is known is brought up to date, one of another address refused', async () => {
  write({
    shop: { url: 'https://elsewhere.example.com', auth_method: 'none' },
    admin: { url: (await apis())['admin'], auth_method: 'none', notes: 'open now' },
  });
  expect(await on.ok('api_import')).toMatchObject({
    rows: [
      { alias: 'shop', action: 'refused' },
      { alias: 'admin', action: 'update' },
    ],
  });
  expect((await apis())['shop']).toMatch(/^http:\/\/127/);
});

const apis = async (): Promise<Record<string, string>> => {
  const { apis: all } = await on.ok<{ apis: { alias: string; url: string }[] }>('api_list');
  return Object.fromEntries(all.map(({ alias, url }) => [alias, url]));
};

test('api_import of no file: NOT_FOUND; of no object: INVALID_INPUT; elsewhere for a person: APPROVAL_REQUIRED', async () => {
  for (const broken of [`{"api_key": "${KEY}`, '[]', 'null', '"x"']) {
    write(broken);
    const failure = await on.fails('api_import');
    expect(failure.code, broken).toBe('INVALID_INPUT');
    expect(JSON.stringify(failure)).not.toContain(KEY);
  }
  rmSync(file());
  expect(await on.fails('api_import')).toMatchObject({ code: 'NOT_FOUND' });
  expect(await on.fails('api_import', { path: on.dataDir })).toMatchObject({ code: 'APPROVAL_REQUIRED' });
  await expect(readApisFile('apis.json')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  write({ a: { url: 'http://a.example.com' } });
  for (const place of [on.dataDir, file()])
    expect(await readApisFile(place)).toMatchObject({ path: file(), apis: [{ alias: 'a' }], secrets: 0 });
});
