import { SftpStatusError, STATUS } from './protocol/codes.ts';
import type { SftpClient } from './protocol/sftp-client.ts';

const ALMOST_NOTHING = 64 * 1024;

/** SFTP v3 has no status for a full disk, OpenSSH says FAILURE: so the file system is asked. */
export async function isDiskFull(error: unknown, client: SftpClient, folder: Uint8Array): Promise<boolean> {
  if (!(error instanceof SftpStatusError) || error.status !== STATUS.FAILURE) return false;
  const space = await client.space(folder).catch(() => undefined);
  if (!space) return false;
  const noInodes = space.totalInodes > 0 && space.freeInodes === 0;
  return noInodes || space.availableBlocks * space.blockSize < ALMOST_NOTHING;
}

/** For requests about a path that may not exist: undefined then. */
export function absent(error: unknown): undefined {
  if (error instanceof SftpStatusError && error.status === STATUS.NO_SUCH_FILE) return undefined;
  throw error;
}
