import type { Logger } from '@flotilla/core';
import type { Mount } from '@flotilla/core/config';
import type { Backend } from './backend/backend.ts';

export interface OpenMountsOptions {
  /** Those of kind `command` and `url`; disabled ones are left out. */
  mounts: readonly Mount[];
  /** Names of our servers: reserved, so a mount of that name is ours, run in another process. */
  ownNames: readonly string[];
  /** The hub's own environment, of which children get an allow-listed part. */
  environment: Readonly<Record<string, string | undefined>>;
  dataDir: string;
  log: Logger;
  hubVersion: string;
}

/** Starts connecting to every server in another process, without waiting for any. */
export async function openMounts(options: OpenMountsOptions): Promise<Backend[]> {
  const mounts = options.mounts.filter(
    (mount) => !mount.disabled && mount.kind !== 'builtin' && mount.kind !== 'worker',
  );
  if (mounts.length === 0) return [];
  const { mountRemote } = await import('./backend/mount-remote.ts');
  return mounts.flatMap((mount) =>
    mount.kind === 'builtin' || mount.kind === 'worker' ? [] : [mountRemote(mount, options)],
  );
}
