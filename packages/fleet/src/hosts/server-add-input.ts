import { HostAlias, secret } from '@flotilla/core';
import { Fingerprint, HostAddress, LabelName, Port, UserName } from '@flotilla/inventory';
import { z } from 'zod';

export const ServerAddInput = z.object({
  alias: HostAlias.describe('Name for the host: letters, digits, dot, dash, underscore'),
  host: HostAddress.describe('DNS name or IP address'),
  user: UserName.describe('Login name'),
  port: Port.optional().describe('SSH port, default 22'),
  keyPath: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe('Private key on this machine, in ~/.ssh; e.g. ~/.ssh/id_ed25519'),
  passphrase: secret(z.string().min(1).max(4096)).optional().describe('Of the private key'),
  password: secret(z.string().min(1).max(4096)).optional().describe('Login password; stored encrypted'),
  agent: z.boolean().optional().describe('Log in with the SSH agent of this machine'),
  jump: HostAlias.optional().describe('Alias of the bastion to go through'),
  groups: z.array(LabelName).max(100).optional().describe('Groups the host is in; replaces the present ones'),
  env: LabelName.optional().describe('Environment, e.g. prod'),
  tags: z.array(LabelName).max(100).optional().describe('Free labels; replaces the present ones'),
  hostKey: Fingerprint.optional().describe('Pinned host key, SHA256:…; only a person may set it'),
  sudo: z
    .enum(['none', 'nopasswd', 'password'])
    .optional()
    .describe('How root rights are had: not, by sudo without or with a password; default none'),
  sudoPassword: secret(z.string().min(1).max(4096))
    .optional()
    .describe('For sudo: password; default the login password'),
  transport: z
    .enum(['ssh', 'local'])
    .optional()
    .describe('local = this machine itself; only a person may set it'),
  readonly: z.boolean().optional().describe('true: tools may only look at the host; only a person lifts it'),
  protected: z
    .boolean()
    .optional()
    .describe('true: what can destroy needs a person; only a person may set or lift it'),
  verify: z.boolean().default(true).describe('false: register without connecting'),
});
export type ServerAddInput = z.infer<typeof ServerAddInput>;
