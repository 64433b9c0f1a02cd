import { chmod, chown, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, prepareDataDir } from '@flotilla/core/config';
import { afterEach, beforeEach, expect, it } from 'vitest';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-core-'));
});
afterEach(() => rm(folder, { recursive: true }));

const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

it('makes the folder for its owner only', async () => {
  const path = join(folder, 'a', 'b');
  await prepareDataDir(path);
  expect(await mode(path)).toBe('700');
});

it('tightens a folder that others can look into, and takes a link to one', async () => {
  const path = join(folder, 'wide');
  await mkdir(path);
  await chmod(path, 0o775);
  await symlink(path, join(folder, 'link'));
  await prepareDataDir(join(folder, 'link'));
  expect(await mode(path)).toBe('700');
});

it('refuses a file and a folder below one', async () => {
  const path = join(folder, 'file');
  await writeFile(path, '');
  await expect(prepareDataDir(path)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await expect(prepareDataDir(join(path, 'x'))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});

it('refuses a folder of another user', async () => {
  const path = join(folder, 'theirs');
  await mkdir(path);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await chown(path, 65_534, 65_534);
  await expect(prepareDataDir(isRoot ? path : '/usr')).rejects.toMatchObject({ code: 'DENIED' });
});

it('reads real files', async () => {
  await writeFile(join(folder, 'config.json'), '{"jobs":{"maxOpenRuns":5}}');
  await writeFile(join(folder, '.env'), 'LOG_LEVEL=error\n');
  const config = await loadConfig({ env: { FLOTILLA_DATA_DIR: folder }, homedir: '/none' });
  expect(config).toMatchObject({ dataDir: folder, logLevel: 'error', jobs: { maxOpenRuns: 5 } });
});
