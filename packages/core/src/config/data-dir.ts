import { chmod, mkdir, stat } from 'node:fs/promises';
import { FlotillaError } from '../errors.ts';

/**
 * Makes the data folder with mode 0700, and tightens one that others could look into.
 * DENIED when it belongs to another user, INVALID_INPUT when it is not a folder or cannot be made.
 */
export async function prepareDataDir(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new FlotillaError('STORAGE_FULL', `The data folder ${path} cannot be made: no space.`, { cause });
    throw new FlotillaError('INVALID_INPUT', `The data folder ${path} cannot be made (${code}).`, {
      cause,
      hint: 'Choose another with FLOTILLA_DATA_DIR, or free its name.',
    });
  }
  const found = await stat(path);
  const own = process.getuid?.();
  if (own !== undefined && found.uid !== own)
    throw new FlotillaError(
      'DENIED',
      `The data folder ${path} belongs to user id ${found.uid}, not to ${own}.`,
      {
        hint: 'Run as its owner, or choose another with FLOTILLA_DATA_DIR.',
      },
    );
  if ((found.mode & 0o077) !== 0) await chmod(path, 0o700);
}
