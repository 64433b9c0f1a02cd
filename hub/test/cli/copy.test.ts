import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Fleet, startFleet } from './support/fleet.ts';

let fleet: Fleet;
let home: string;
let remote: string;
beforeAll(async () => {
  fleet = await startFleet();
  ({ home } = fleet.machine);
  remote = join(fleet.sshd.folder, 'remote');
  mkdirSync(remote);
});
afterAll(() => fleet.stop());

const cp = (source: string, target: string, call = {}) => fleet.flotilla(['cp', source, target], call);

describe('a file', () => {
  test('goes up from the working folder, though it is no configured root', async () => {
    writeFileSync(join(home, 'up.txt'), 'content', { mode: 0o640 });
    expect(await cp('up.txt', `web1:${remote}/up.txt`)).toMatchObject({ code: 0 });
    expect(readFileSync(join(remote, 'up.txt'), 'utf8')).toBe('content');
    expect(statSync(join(remote, 'up.txt')).mode & 0o777).toBe(0o640);
  });

  test('comes down into the working folder', async () => {
    writeFileSync(join(remote, 'down.txt'), 'from there');
    expect(await cp(`web1:${remote}/down.txt`, '.')).toMatchObject({ code: 0 });
    expect(readFileSync(join(home, 'down.txt'), 'utf8')).toBe('from there');
  });

  test('comes down into a folder that exists, or under a new name', async () => {
    mkdirSync(join(home, 'folder'), { recursive: true });
    await cp(`web1:${remote}/down.txt`, 'folder');
    expect(existsSync(join(home, 'folder', 'down.txt'))).toBe(true);
    await cp(`web1:${remote}/down.txt`, 'folder/renamed.txt');
    expect(existsSync(join(home, 'folder', 'renamed.txt'))).toBe(true);
  });
});

test('a folder goes up into another one', async () => {
  mkdirSync(join(home, 'site', 'deep'), { recursive: true });
  writeFileSync(join(home, 'site', 'index.html'), '<p>');
  writeFileSync(join(home, 'site', 'deep', 'a b.txt'), 'x');
  const result = await fleet.flotilla(['cp', './site', `web1:${remote}/www/`, '--json']);
  expect(result.code).toBe(0);
  expect(result.json()).toMatchObject({ files: 2, failed: 0 });
  expect(readFileSync(join(remote, 'www', 'site', 'deep', 'a b.txt'), 'utf8')).toBe('x');
});

test('a pattern goes up', async () => {
  mkdirSync(join(home, 'logs'), { recursive: true });
  for (const name of ['a.log', 'b.log', 'c.txt']) writeFileSync(join(home, 'logs', name), name);
  expect(await cp('logs/*.log', `web1:${remote}/picked/`)).toMatchObject({ code: 0 });
  expect(existsSync(join(remote, 'picked', 'b.log'))).toBe(true);
  expect(existsSync(join(remote, 'picked', 'c.txt'))).toBe(false);
});

test('on a terminal a bar shows the bytes', async () => {
  writeFileSync(join(home, 'big.bin'), Buffer.alloc(24 * 1024 * 1024, 7));
  const { code, stderr } = await cp('big.bin', `web1:${remote}/big.bin`, { columns: 100 });
  expect(code).toBe(0);
  expect(stderr).toContain('of 24.0 MiB');
});

describe('what is refused', () => {
  test("Flotilla's own data folder, whoever names it", async () => {
    const { code, stderr } = await cp(join(fleet.machine.dataDir, 'master.key'), `web1:${remote}/stolen`);
    expect(code).toBe(3);
    expect(stderr).toContain('DENIED');
    expect(existsSync(join(remote, 'stolen'))).toBe(false);
  });

  test.each([
    ['missing.txt', 'web1:/tmp/x', 4],
    ['web1:/no/such/file', '.', 4],
    ['up.txt', 'nohost:/tmp/x', 4],
    ['a', 'b', 2],
    ['web1:/a', 'web2:/b', 1],
  ])('cp %s %s', async (source, target, code) => {
    expect((await cp(source, target)).code).toBe(code);
  });

  test('a path named for one copy is no root for an assistant', async () => {
    const args = { alias: 'web1', direction: 'upload', local: join(home, 'up.txt'), remote: `${remote}/x` };
    const { code, stderr } = await fleet.flotilla(['call', 'task_transfer', JSON.stringify(args)]);
    expect(code).toBe(3);
    expect(stderr).toContain('DENIED');
  });
});
