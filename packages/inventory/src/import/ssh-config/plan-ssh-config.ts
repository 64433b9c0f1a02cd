import { join } from 'node:path';
import { HostAddress, Port, UserName } from '../../hosts/validate.ts';
import type { HostInput } from '../../types.ts';
import { isAlias, suggestName } from '../names.ts';
import type { ImportFiles, ImportPlan, ImportRemark } from '../plan.ts';
import { evaluate, namesIn, type Settings } from './evaluate.ts';
import { jumpOfProxyCommand } from './jump-spec.ts';
import { loadConfig } from './load.ts';
import { planRoutes, type Stop } from './routes.ts';
import { expandPath } from './tokens.ts';

/** Keys that ssh tries when the config names none, the modern ones first. */
const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

export const sshConfigFile = (homedir: string): string => join(homedir, '.ssh', 'config');

/** Reads an ssh_config(5) file. Nothing in it is executed. NOT_FOUND, INVALID_INPUT when it cannot be read. */
export function planSshConfig(files: ImportFiles, file = sshConfigFile(files.homedir)): ImportPlan {
  const { directives, warnings } = loadConfig(file, files);
  const names = namesIn(directives);
  const fitting = names.filter(isAlias);
  const problems: ImportRemark[] = names
    .filter((name) => !isAlias(name))
    .map((name) => ({
      where: name.slice(0, 100),
      what: 'The name does not fit: letters, digits, dot, dash and underscore, at most 63.',
      suggestion: suggestName(name, new Set(names)),
    }));
  const { stops, broken } = planRoutes(fitting, (name, given) =>
    evaluate(directives, name, { localUser: files.localUser, ...given }),
  );
  for (const [alias, why] of broken) problems.push({ where: alias, what: `Not imported: ${why}.` });
  const hosts = stops.flatMap((stop) => {
    const refusal = misfit(stop);
    if (refusal) problems.push({ where: stop.alias, what: refusal });
    else warnings.push(...remarks(stop));
    return refusal ? [] : [toInput(stop, files, warnings)];
  });
  return { source: file, hosts: withoutOrphans(hosts, problems), groups: [], problems, warnings };
}

function misfit({ settings }: Stop): string | undefined {
  if (!HostAddress.safeParse(settings.hostname).success)
    return 'Not imported: its HostName is no name and no address.';
  if (!UserName.safeParse(settings.user).success) return 'Not imported: its User is no login name.';
  if (!Port.safeParse(settings.port).success)
    return 'Not imported: its Port is not a number from 1 to 65535.';
  return undefined;
}

/** A host whose bastion could not be imported is not imported either. */
function withoutOrphans(hosts: HostInput[], problems: ImportRemark[]): HostInput[] {
  const kept: HostInput[] = [];
  for (const host of hosts) {
    if (!host.jump || kept.some((other) => other.alias === host.jump)) kept.push(host);
    else problems.push({ where: host.alias, what: `Not imported: its bastion ${host.jump} is not.` });
  }
  return kept;
}

function remarks({ alias, settings }: Stop): ImportRemark[] {
  const found = settings.skipped.map(({ criterion, where }) => ({
    where: alias,
    what: `The section "Match ${criterion}" at ${where} was left out: it is never evaluated.`,
  }));
  const { proxyCommand } = settings;
  if (proxyCommand === undefined || jumpOfProxyCommand(proxyCommand) !== undefined) return found;
  return [
    ...found,
    {
      where: alias,
      what: 'Its ProxyCommand is never executed: it was imported as a direct connection. Give it a jump host.',
    },
  ];
}

function toInput(stop: Stop, files: ImportFiles, warnings: ImportRemark[]): HostInput {
  const { alias, settings, jump } = stop;
  const keyPath = keyOf(stop, files, warnings);
  const agent = agentOf(stop, files);
  return {
    alias,
    host: settings.hostname,
    port: settings.port,
    user: settings.user,
    ...(keyPath !== undefined && { keyPath }),
    ...(agent !== undefined && { agent }),
    ...(jump !== undefined && { jump }),
  };
}

/** The first key that is there: Flotilla keeps one per host. */
function keyOf(stop: Stop, files: ImportFiles, warnings: ImportRemark[]): string | undefined {
  const { alias, settings } = stop;
  const warn = (what: string): unknown => warnings.push({ where: alias, what });
  const named = settings.identityFiles.filter((path) => path.toLowerCase() !== 'none');
  const paths = named.flatMap((path) => {
    const expanded = expandPath(path, values(stop, files));
    if (expanded === undefined)
      warn(`IdentityFile ${path} has a token that is not known here; it was left out.`);
    return expanded === undefined ? [] : [privateHalf(expanded, files)];
  });
  const candidates =
    settings.identityFiles.length > 0 ? paths : DEFAULT_KEYS.map((name) => join(files.homedir, '.ssh', name));
  const present = candidates.filter((path) => files.exists(path));
  if (paths.length > 0 && present.length === 0) warn(`The key ${paths[0]} is not there.`);
  if (named.length > 0 && present.length > 1) warn(`Of ${present.length} keys, ${present[0]} is used.`);
  return present[0] ?? paths[0];
}

/** Some name the public key, to choose one of the agent's. */
function privateHalf(path: string, files: ImportFiles): string {
  const half = path.replace(/\.pub$/, '');
  return files.exists(half) ? half : path;
}

function agentOf(stop: Stop, files: ImportFiles): boolean | string | undefined {
  const agent = stop.settings.identityAgent;
  if (agent === undefined || agent === 'SSH_AUTH_SOCK') return true;
  if (agent.toLowerCase() === 'none') return undefined;
  return expandPath(agent, values(stop, files)) ?? true;
}

const values = ({ name, settings }: { name: string; settings: Settings }, files: ImportFiles) => ({
  homedir: files.homedir,
  localUser: files.localUser,
  original: name,
  hostname: settings.hostname,
  user: settings.user,
  port: settings.port,
});
