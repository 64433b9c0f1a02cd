import type { Inventory } from '../inventory.ts';
import type { HostChange, HostInput, SaveOptions } from '../types.ts';
import type { ImportPlan, ImportRemark } from './plan.ts';

export interface ImportOptions extends SaveOptions {
  /** Take only these aliases and the bastions they need; absent = all. */
  only?: readonly string[] | undefined;
}

export interface ImportRow {
  alias: string;
  action: 'add' | 'update' | 'unchanged' | 'refused';
  /** Names of the fields that are set or change; never values of secrets. */
  fields: string[];
  host: string;
  port: number;
  user: string;
  keyPath?: string | undefined;
  jump?: string | undefined;
  /** What the host loses: secrets and pins of the machine that the alias meant before. */
  dropped?: string[] | undefined;
  reason?: string | undefined;
}

export interface ImportReview {
  source: string;
  hosts: ImportRow[];
  groups: { name: string; added: string[] }[];
  problems: ImportRemark[];
  warnings: ImportRemark[];
}

/** What applying a plan would do at this moment; changes nothing. */
export function reviewImport(inventory: Inventory, plan: ImportPlan, options: ImportOptions): ImportReview {
  const wanted = selected(plan.hosts, options.only);
  const rows = wanted.map((input) => review(inventory, input, options));
  const refused = new Set(rows.filter((row) => row.action === 'refused').map((row) => row.alias));
  const reachable = rows.map((row): ImportRow => {
    if (!row.jump || !refused.has(row.jump) || row.action === 'unchanged' || inventory.find(row.jump))
      return row;
    refused.add(row.alias);
    return { ...row, action: 'refused', reason: `Its bastion ${row.jump} is refused.` };
  });
  const problems = [...plan.problems];
  const known = new Set([
    ...inventory.list().map((host) => host.alias),
    ...reachable.filter((row) => row.action !== 'refused').map((row) => row.alias),
  ]);
  const groups = options.only
    ? []
    : plan.groups.map((group) => reviewGroup(inventory, group, known, problems));
  return { source: plan.source, hosts: reachable, groups, problems, warnings: plan.warnings };
}

/** Stores what the review says, in one transaction for the hosts; refused ones are left as they are. */
export async function applyImport(
  inventory: Inventory,
  plan: ImportPlan,
  options: ImportOptions,
): Promise<ImportReview> {
  const reviewed = reviewImport(inventory, plan, options);
  const wanted = new Set(
    reviewed.hosts.filter((row) => row.action === 'add' || row.action === 'update').map((row) => row.alias),
  );
  await inventory.saveAll(
    plan.hosts.filter((host) => wanted.has(host.alias)),
    { person: options.person },
  );
  const before = new Map(inventory.groups().map((group) => [group.name, group.aliases]));
  for (const group of reviewed.groups) {
    await inventory.setGroup(group.name, [...(before.get(group.name) ?? []), ...group.added]);
  }
  return reviewed;
}

function selected(hosts: readonly HostInput[], only: readonly string[] | undefined): HostInput[] {
  if (!only) return [...hosts];
  const wanted = new Set(only);
  for (const host of [...hosts].reverse()) if (wanted.has(host.alias) && host.jump) wanted.add(host.jump);
  return hosts.filter((host) => wanted.has(host.alias));
}

function review(inventory: Inventory, input: HostInput, { person }: SaveOptions): ImportRow {
  const change = previewOf(inventory, input);
  const action = change.created ? 'add' : change.changed.length > 0 ? 'update' : 'unchanged';
  const refused = !person && change.needsPerson.length > 0;
  return {
    alias: input.alias,
    action: refused ? 'refused' : action,
    fields: change.changed,
    host: input.host ?? '',
    port: input.port ?? 22,
    user: input.user ?? '',
    ...(input.keyPath && { keyPath: input.keyPath }),
    ...(input.jump && { jump: input.jump }),
    ...(change.dropped.length > 0 && { dropped: change.dropped }),
    ...(refused && { reason: `Only a person can change ${change.needsPerson.join(', ')} of a known alias.` }),
  };
}

/** A password that is stored already with the same value is no change. */
function previewOf(inventory: Inventory, input: HostInput): HostChange {
  const change = inventory.preview(input);
  if (change.created) return change;
  const record = inventory.record(input.alias);
  const same = (field: string): boolean =>
    (field === 'password' && input.password === record.password) ||
    (field === 'passphrase' && input.passphrase === record.passphrase);
  return { ...change, changed: change.changed.filter((field) => !same(field)) };
}

function reviewGroup(
  inventory: Inventory,
  group: ImportPlan['groups'][number],
  known: ReadonlySet<string>,
  problems: ImportRemark[],
): ImportReview['groups'][number] {
  const present = new Set(inventory.groups().find(({ name }) => name === group.name)?.aliases);
  const missing = group.aliases.filter((alias) => !known.has(alias));
  if (missing.length > 0) {
    problems.push({
      where: `group ${group.name}`,
      what: `Left out, not registered: ${missing.join(', ').slice(0, 500)}.`,
    });
  }
  return {
    name: group.name,
    added: group.aliases.filter((alias) => known.has(alias) && !present.has(alias)),
  };
}
