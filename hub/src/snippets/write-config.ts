import { copyFile, mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The file behind symbolic links, so that a rename replaces it and not the link. */
async function target(file: string): Promise<string> {
  return realpath(file).catch(() => file);
}

export async function readConfig(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Replaces a config file as a whole: a copy `<file>.flotilla-backup` of the old one first, then a temporary file that
 * is renamed. Mode and owner's view stay; a new file is 0600, since it may hold a token. Returns the backup's path.
 */
export async function replaceConfig(file: string, content: string): Promise<string | undefined> {
  const path = await target(file);
  const existing = await stat(path).catch(() => undefined);
  const backup = existing ? `${path}.flotilla-backup` : undefined;
  await mkdir(dirname(path), { recursive: true });
  if (backup) await copyFile(path, backup);
  const fresh = `${path}.flotilla-${process.pid}`;
  try {
    const handle = await open(fresh, 'wx', existing ? existing.mode & 0o777 : 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
  return backup;
}
