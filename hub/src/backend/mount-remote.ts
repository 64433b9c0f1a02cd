import type { Mount } from '@flotilla/core/config';
import type { OpenMountsOptions } from '../mounts.ts';
import type { Backend } from './backend.ts';
import { childEnvironment, ownChildEnvironment } from './remote/child-env.ts';
import { type RemoteBackendOptions, remoteBackend } from './remote.ts';

/** A config entry of kind `command` or `url` as a running mount. */
export function mountRemote(
  mount: Exclude<Mount, { kind: 'builtin' | 'worker' }>,
  { ownNames, environment, dataDir, log, hubVersion }: OpenMountsOptions,
): Backend {
  const own = ownNames.includes(mount.name);
  const base = {
    name: mount.name,
    own,
    log,
    hubVersion,
    ...(own && { expectServer: `flotilla-${mount.name}` }),
    ...(mount.timeoutMs !== undefined && { timing: { quietMs: mount.timeoutMs } }),
  };
  if (mount.kind === 'url') {
    const secret = own ? bearerToken(mount.headers) : undefined;
    const options: RemoteBackendOptions = {
      ...base,
      target: { kind: 'http', url: mount.url, headers: { ...mount.headers } },
      ...(secret !== undefined && { hubSecret: secret }),
    };
    return remoteBackend(options);
  }
  const env = own
    ? ownChildEnvironment(environment, dataDir, mount.env)
    : childEnvironment(environment, mount.env);
  return remoteBackend({
    ...base,
    target: {
      kind: 'stdio',
      command: mount.command,
      args: mount.args,
      env,
      ...(mount.cwd !== undefined && { cwd: mount.cwd }),
    },
  });
}

/** The token of a `url` mount of ours also signs the hub's calls. */
function bearerToken(headers: Readonly<Record<string, string>>): string | undefined {
  const value = Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization')?.[1];
  return value === undefined ? undefined : /^Bearer +(\S+)$/i.exec(value)?.[1];
}
