import { dirname, isAbsolute, join } from 'node:path';
import { FlotillaError } from '@flotilla/core';
import { z } from 'zod';
import { HostAddress, Port, UserName } from '../../hosts/validate.ts';
import type { HostInput } from '../../types.ts';
import { isAlias, isLabel, suggestName } from '../names.ts';
import type { ImportFiles, ImportPlan, ImportRemark } from '../plan.ts';
import { readJsonObject } from './json-file.ts';

const Absent = z
  .literal('')
  .nullable()
  .transform(() => undefined);
const optional = <T extends z.ZodType>(schema: T) => z.union([Absent, schema]).optional();

const Server = z.object({
  host: z.string().trim().pipe(HostAddress),
  user: z.string().trim().pipe(UserName),
  port: optional(
    z
      .union([
        z.number(),
        z
          .string()
          .regex(/^\d{1,5}$/)
          .transform(Number),
      ])
      .pipe(Port),
  ),
  keyPath: optional(z.string().min(1).max(4096)),
  password: optional(
    z
      .string()
      .max(4096)
      .regex(/^[^\0\r\n]*$/, 'one line'),
  ),
  passphrase: optional(
    z
      .string()
      .max(4096)
      .regex(/^[^\0\r\n]*$/, 'one line'),
  ),
  readonly: optional(z.boolean()),
});
const KNOWN = new Set(Object.keys(Server.shape));
const Members = z.array(z.string());

/**
 * Reads `servers.json` and `server_groups.json` of the earlier orchestrator's data folder. Bad entries are reported one
 * by one; a file that is no JSON fails the whole (INVALID_INPUT), before anything is stored. NOT_FOUND when there is neither.
 */
export function planOrchestrator(files: ImportFiles, folder: string): ImportPlan {
  const serversFile = join(folder, 'servers.json');
  const servers = readJsonObject(files, serversFile);
  const groups = readJsonObject(files, join(folder, 'server_groups.json'));
  if (!servers && !groups) {
    throw new FlotillaError('NOT_FOUND', `There is no servers.json and no server_groups.json in ${folder}.`, {
      details: { folder },
    });
  }
  const problems: ImportRemark[] = [];
  const warnings: ImportRemark[] = [];
  const taken = new Set(Object.keys(servers ?? {}));
  const hosts = Object.entries(servers ?? {}).flatMap(([alias, value]) => {
    if (!isAlias(alias)) {
      problems.push({
        where: alias.slice(0, 100),
        what: 'The name of the server does not fit.',
        suggestion: suggestName(alias, taken),
      });
      return [];
    }
    return toHost(alias, value, { files, folder: dirname(serversFile), problems, warnings });
  });
  if (hosts.some((host) => host.password)) {
    warnings.push({
      where: serversFile,
      what: 'It still holds passwords in clear: remove it once the import is done.',
    });
  }
  return { source: folder, hosts, groups: planGroups(groups ?? {}, problems), problems, warnings };
}

interface Context {
  files: ImportFiles;
  folder: string;
  problems: ImportRemark[];
  warnings: ImportRemark[];
}

function toHost(alias: string, value: unknown, context: Context): HostInput[] {
  const parsed = Server.safeParse(value);
  if (!parsed.success) {
    const what = parsed.error.issues
      .map((issue) => `${issue.path.join('.') || 'entry'}: ${issue.message}`)
      .join('; ');
    context.problems.push({ where: alias, what: `Not imported: ${what}.` });
    return [];
  }
  const unknown = Object.keys(value as object).filter((key) => !KNOWN.has(key));
  if (unknown.length > 0) context.warnings.push({ where: alias, what: `Left out: ${unknown.join(', ')}.` });
  const { keyPath, ...rest } = parsed.data;
  const given = Object.entries(rest).filter(([, field]) => field !== undefined && field !== false);
  return [
    {
      alias,
      ...(Object.fromEntries(given) as typeof rest),
      ...(keyPath !== undefined && { keyPath: resolveKey(alias, keyPath, context) }),
    },
  ];
}

/** Relative to the home folder or to the data folder, whichever has it. */
function resolveKey(alias: string, keyPath: string, { files, folder, warnings }: Context): string {
  const path = keyPath.replace(/^~(?=\/)/, files.homedir);
  const candidates = isAbsolute(path)
    ? [path]
    : [folder, files.homedir, join(files.homedir, '.ssh')].map((base) => join(base, path));
  const present = candidates.find((candidate) => files.exists(candidate));
  if (!present) warnings.push({ where: alias, what: `The key ${keyPath} is not there.` });
  return present ?? candidates[0] ?? path;
}

function planGroups(groups: Record<string, unknown>, problems: ImportRemark[]): ImportPlan['groups'] {
  return Object.entries(groups).flatMap(([name, value]) => {
    const members = Members.safeParse(value);
    const fits = isLabel(name);
    if (!fits) {
      const suggestion = suggestName(name, new Set(Object.keys(groups)));
      problems.push({
        where: `group ${name.slice(0, 100)}`,
        what: 'The name of the group does not fit.',
        suggestion,
      });
    } else if (!members.success)
      problems.push({ where: `group ${name}`, what: 'Not imported: it is no list of aliases.' });
    return fits && members.success ? [{ name, aliases: [...new Set(members.data)] }] : [];
  });
}
