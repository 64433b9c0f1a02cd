import { startSshd, type TestSshd, tempDir } from '@flotilla/testkit';
import { afterAll, beforeAll } from 'vitest';

/** One sshd and one folder for all tests of a file; the server is filled in before the first of them. */
export function ownSshd(): { sshd: TestSshd; folder: ReturnType<typeof tempDir> } {
  const folder = tempDir();
  const sshd = {} as TestSshd;
  beforeAll(async () => {
    Object.defineProperties(sshd, Object.getOwnPropertyDescriptors(await startSshd()));
  });
  afterAll(async () => {
    await sshd.stop();
    folder.remove();
  });
  return { sshd, folder };
}
