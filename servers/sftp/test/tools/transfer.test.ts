import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkServerContract } from '@flotilla/core/testing';
import { expect, test } from 'vitest';
import { sftp } from '../../src/server.ts';
import { sftpProcess, textOf } from '../helpers/process.ts';

const on = sftpProcess();

test('the server keeps the contract of all servers', () => {
  expect(checkServerContract(sftp)).toEqual([]);
});

test('task_transfer: a folder up and down as durable runs', async () => {
  mkdirSync(join(on.here, 'site/css'), { recursive: true });
  for (const name of ['index.html', 'a.js', 'b.js', 'css/x.css', 'css/y.css'])
    writeFileSync(join(on.here, 'site', name), name);
  const up = await on.ok('task_transfer', {
    alias: 'web1',
    direction: 'upload',
    local: 'site',
    remote: join(on.there, 'www'),
    force: true,
    rappel: 5,
  });
  expect(up).toMatchObject({
    alias: 'web1',
    direction: 'upload',
    files: 5,
    folders: 2,
    failed: 0,
    verified: 5,
  });
  expect(up.text).toMatch(/uploaded 5 files .*5 verified by sha256/);
  expect(readFileSync(join(on.there, 'www/css/x.css'), 'utf8')).toBe('css/x.css');
  const down = await on.ok('task_transfer', {
    alias: 'web1',
    direction: 'download',
    local: 'copy',
    remote: join(on.there, 'www'),
  });
  expect(down).toMatchObject({ files: 5, failed: 0 });
  expect(readdirSync(join(on.here, 'copy')).sort()).toEqual(['a.js', 'b.js', 'css', 'index.html']);
});

test('task_transfer_multi: patterns, a fault among them, one answer', async () => {
  for (const name of ['a.log', 'b.log', 'c.txt']) writeFileSync(join(on.here, name), name);
  const answer = await on.call('task_transfer_multi', {
    alias: 'web1',
    direction: 'upload',
    files: [
      { local: '*.log', remote: join(on.there, 'logs') },
      { local: 'none', remote: join(on.there, 'x') },
      { local: 'c.txt', remote: join(on.there, 'c') },
    ],
  });
  expect(answer.isError).toBe(true);
  expect(answer.structuredContent).toMatchObject({
    files: 3,
    failed: 1,
    failures: [{ path: 'none', code: 'NOT_FOUND' }],
  });
  expect(textOf(answer)).toContain('FAILED none: NOT_FOUND');
  expect(readdirSync(join(on.there, 'logs')).sort()).toEqual(['a.log', 'b.log']);
});

test('failures have the code of their cause', async () => {
  const up = (args: Record<string, unknown>) =>
    on.fails('task_transfer', { alias: 'web1', direction: 'upload', remote: join(on.there, 'x'), ...args });
  expect(await up({ local: 'none' })).toMatchObject({ code: 'NOT_FOUND' });
  expect(await up({ local: '/etc/passwd' })).toMatchObject({ code: 'DENIED', details: { roots: [on.here] } });
  expect(await up({})).toMatchObject({ code: 'INVALID_INPUT' });
  expect(await up({ local: 'x', direction: 'server_to_server' })).toMatchObject({ code: 'UNSUPPORTED' });
  expect(await up({ local: 'x', alias: 'nope' })).toMatchObject({ code: 'NOT_FOUND' });
  expect(await up({ local: 'x', direction: 'sideways' })).toMatchObject({ code: 'INVALID_INPUT' });
  expect(
    await on.fails('task_transfer', {
      alias: 'web1',
      direction: 'download',
      local: '../out',
      remote: '/etc/hostname',
    }),
  ).toMatchObject({ code: 'DENIED' });
});

test('the effects say that files can be lost', () => {
  const published = on.runtime.lanes.get('sftp') ?? [];
  const hints = Object.fromEntries(
    published.map((compiled) => [compiled.tool.name, compiled.published.annotations]),
  );
  for (const name of ['task_transfer', 'task_transfer_multi', 'file_write', 'file_remove']) {
    expect(hints[name], name).toMatchObject({ readOnlyHint: false, destructiveHint: true });
  }
  for (const name of ['file_read', 'file_list', 'file_stat', 'file_checksum']) {
    expect(hints[name], name).toMatchObject({ readOnlyHint: true });
  }
});
