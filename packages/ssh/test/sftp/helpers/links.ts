import { type HostRecord, silentLogger } from '@flotilla/core';
import type { TestSshd } from '@flotilla/testkit';
import type { HostLinks } from '../../../src/links.ts';
import { createHostLinks } from '../../../src/pool/host-links.ts';
import { hostOf, testDirectory } from '../../support/directory.ts';

/** The real pool with one host, `web1`: a test sshd, possibly behind a proxy's port. */
export function linksTo(sshd: TestSshd, record: Partial<HostRecord> = {}): HostLinks {
  const directory = testDirectory({ ...hostOf(sshd, 'web1'), ...record });
  return createHostLinks({ directory, log: silentLogger });
}

/** Session channels that are in use now. */
export const busyChannels = (links: HostLinks): number =>
  links.stats().reduce((sum, { busyChannels: busy }) => sum + busy, 0);
