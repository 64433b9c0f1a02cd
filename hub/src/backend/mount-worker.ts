import { type Elsewhere, FlotillaError } from '@flotilla/core';
import type { Mount } from '@flotilla/core/config';
import type { HubSide, ProcessBase } from '@flotilla/runtime';
import type { Backend } from './backend.ts';
import { remoteBackend } from './remote.ts';
import { forwardTo } from './worker-forward.ts';

/** Connects to a worker that answers calls. INVALID_INPUT when there is no token to show it. */
export function mountWorker(
  mount: Extract<Mount, { kind: 'worker' }>,
  { base, side, hubVersion }: { base: ProcessBase; side: HubSide; hubVersion: string },
): { backend: Backend; forward: Elsewhere } {
  const { name, url = '', headers } = mount;
  const given = Object.entries(headers).find(([key]) => key.toLowerCase() === 'authorization')?.[1];
  const token = given === undefined ? side.tokenOf(name) : /^Bearer +(\S+)$/i.exec(given)?.[1];
  if (token === undefined)
    throw new FlotillaError('INVALID_INPUT', `There is no token to call the worker ${name} with.`, {
      details: { key: `mcpServers.${name}` },
      hint: `Put it into the file ${name} of FLOTILLA_WORKER_TOKENS_DIR, or into headers as Authorization: Bearer TOKEN.`,
    });
  const backend = remoteBackend({
    name,
    own: true,
    log: base.log,
    hubVersion,
    expectServer: `flotilla-${name}`,
    hubSecret: token,
    target: { kind: 'http', url, headers: { ...headers, Authorization: `Bearer ${token}` } },
    ...(mount.timeoutMs !== undefined && { timing: { quietMs: mount.timeoutMs } }),
  });
  return { backend, forward: forwardTo(backend, side.leases) };
}
