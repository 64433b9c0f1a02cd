import { isAbsolute } from 'node:path';
import { FlotillaError, HostAlias } from '@flotilla/core';
import { z } from 'zod';
import type { HostInput } from '../types.ts';

/** Names of groups, environments and tags. */
export const LabelName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
    'letters, digits, dot, dash and underscore, at most 63, starting with a letter or digit',
  );

/** A DNS name, an IPv4 or an IPv6 address (with zone, without brackets). */
export const HostAddress = z
  .string()
  .min(1)
  .max(255)
  .regex(
    /^(?:[A-Za-z0-9_][A-Za-z0-9._-]*|(?=.*:)[0-9A-Fa-f:.]+(?:%[A-Za-z0-9._-]+)?)$/,
    'a DNS name or an IP address',
  );

/** A login name. */
export const UserName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\p{L}\p{N}_][\p{L}\p{N}._@+-]*\$?$/u, 'a login name: letters, digits and . _ - @ +');

export const Port = z.number().int().min(1).max(65_535);

export const Fingerprint = z
  .string()
  .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, '`SHA256:` and 43 base64 characters, as ssh-keygen -lf prints it');

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const NO_CONTROL = /^[^\u0000-\u001f\u007f]*$/;
const SecretText = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^[^\0\r\n]*$/, 'one line without NUL');
const AbsolutePath = z.string().max(4096).regex(NO_CONTROL).refine(isAbsolute, 'an absolute path');

const InputSchema = z.strictObject({
  alias: HostAlias,
  host: HostAddress.optional(),
  port: Port.optional(),
  user: UserName.optional(),
  keyPath: AbsolutePath.nullish(),
  passphrase: SecretText.nullish(),
  password: SecretText.nullish(),
  agent: z.union([z.boolean(), AbsolutePath]).nullish(),
  jump: HostAlias.nullish(),
  hostKey: z
    .union([
      Fingerprint,
      z.array(z.strictObject({ type: z.string().min(1).max(64), fingerprint: Fingerprint })).max(16),
    ])
    .nullish(),
  sudo: z.enum(['none', 'nopasswd', 'password']).optional(),
  sudoPassword: SecretText.nullish(),
  transport: z.enum(['ssh', 'local']).optional(),
  groups: z.array(LabelName).max(100).optional(),
  env: LabelName.nullish(),
  tags: z.array(LabelName).max(100).optional(),
  readonly: z.boolean().optional(),
  protected: z.boolean().optional(),
});

/** INVALID_INPUT naming the field; never repeats the value of a secret. */
export function validateInput(input: HostInput): void {
  const result = InputSchema.safeParse(input);
  if (result.success) return;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'host'}: ${issue.message}`);
  throw new FlotillaError('INVALID_INPUT', `The host cannot be saved: ${problems[0]}`, {
    details: { problems },
  });
}
