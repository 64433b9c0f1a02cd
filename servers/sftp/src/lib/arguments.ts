import { HostAlias } from '@flotilla/core';
import { z } from 'zod';

const PATH_HELP =
  'absolute, ~/… or relative to the home of the login; `bytes:` + percent-encoding for a name that is not UTF-8';

const path = z.string().min(1).max(16_384);

export const remotePath = path.describe(`Path on the host: ${PATH_HELP}`);

export const localPath = path.describe(
  "Path on Flotilla's own machine, inside its allowed folders; a relative one starts at the first of them",
);

/** S of the established tools: a file here or on a host. */
export const Source = z
  .strictObject({
    type: z.enum(['local', 'remote']).describe("local: Flotilla's own machine; remote: a host"),
    path: path.describe(`Path; on a host: ${PATH_HELP}`),
    alias: HostAlias.optional().describe('Host, for type remote'),
    label: z.string().max(200).optional().describe('Name for the answer'),
  })
  .refine((source) => source.type === 'local' || source.alias !== undefined, {
    path: ['alias'],
    message: 'type remote needs the alias of a host',
  })
  .describe('A file here or on a host');

export type SourceInput = z.output<typeof Source>;

export const encoding = z
  .enum(['utf8', 'base64'])
  .default('utf8')
  .describe('utf8 for text, base64 for any bytes');

/** Accepted because earlier tools had them; nothing here needs or obeys them. */
export const ignored = {
  rappel: z.number().optional().describe('Accepted and ignored'),
  force: z.boolean().default(false).describe('Accepted; it lifts no rule'),
};

export const idempotencyKey = z
  .string()
  .min(1)
  .max(200)
  .optional()
  .describe('Same key = same run: a repeated call returns it instead of transferring again');

export const sourceTargets = (input: { source: SourceInput }): string | undefined => input.source.alias;

export const sourceName = ({ type, alias, path: shown, label }: SourceInput): string =>
  label ?? (type === 'local' ? shown : `${alias}:${shown}`);
