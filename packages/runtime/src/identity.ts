import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Principal } from '@flotilla/core';

/** Whose machine and environment this process runs in; read once by main.ts. */
export interface Identity {
  uid: number;
  /** Login name on this machine. */
  user: string;
  homedir: string;
  /** SSH_AUTH_SOCK. */
  agentSocket?: string;
  /** The environment of this process, of which children get an allow-listed part. */
  environment: Readonly<Record<string, string | undefined>>;
  /** Set by a hub that started this process as its child: it admits and audits, we do not. */
  hubSecret?: string;
}

export function readIdentity(env: Readonly<Record<string, string | undefined>>): Identity {
  const home = env['HOME'] || homedir();
  const { uid, username } = userInfo();
  const agentSocket = env['SSH_AUTH_SOCK'];
  const hubSecret = env['FLOTILLA_HUB_SECRET'];
  return {
    uid,
    user: username,
    homedir: home,
    environment: env,
    ...(agentSocket && { agentSocket }),
    ...(hubSecret && { hubSecret }),
  };
}

export const localPrincipal = (kind: 'stdio' | 'cli', identity: Identity): Principal => ({
  id: `${kind}:${identity.uid}`,
  kind,
});

export const knownHostsPaths = (identity: Identity): string[] => [
  join(identity.homedir, '.ssh', 'known_hosts'),
  '/etc/ssh/ssh_known_hosts',
];
