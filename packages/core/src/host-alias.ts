import { z } from 'zod';

const RESERVED = /^(?:all$|group:|env:|tag:)/;

/** The name of one host. */
export const HostAlias = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
    'letters, digits, dot, dash and underscore, at most 63, starting with a letter or digit',
  )
  .refine((alias) => !RESERVED.test(alias), '`all`, `group:`, `env:` and `tag:` are reserved')
  .describe('Alias of a registered host');

const TargetWord = z
  .string()
  .regex(
    /^(?:(?:group|env|tag):[A-Za-z0-9][A-Za-z0-9._-]{0,62}|[A-Za-z0-9][A-Za-z0-9._-]{0,62})$/,
    'an alias, `all`, `group:NAME`, `env:NAME` or `tag:NAME`',
  );

/** One or several hosts: an alias, a list, `all`, `group:x`, `env:x` or `tag:x`. */
export const HostTarget = z
  .union([TargetWord, z.array(TargetWord).min(1).max(1000)])
  .describe('Host alias, list of aliases, "all", "group:NAME", "env:NAME" or "tag:NAME"');
