import type { SqlValue } from '@flotilla/core';
import { FlotillaError } from '@flotilla/core';
import type { Sql } from '@flotilla/store';
import { bumpCounter } from '../counter.ts';
import { replaceGroupsOf } from '../groups.ts';
import { noteChange } from '../memo.ts';
import {
  type HostChange,
  type HostInput,
  type SaveOptions,
  SECRET_FIELDS,
  type SecretField,
} from '../types.ts';
import type { VaultCipher } from '../vault/cipher.ts';
import { changeOf, pinsOfInput } from './change.ts';
import { dependents, refuseCycle } from './jumps.ts';
import { hostNotFound } from './not-found.ts';
import { type HostRow, hostSecretContext, OWN_AGENT, rowOf, sealedOf, toEntry } from './rows.ts';

export interface SaveContext extends SaveOptions {
  cipher: VaultCipher;
  now: number;
}

/** Fields that are not part of the connection record. */
const LABELS = new Set(['groups', 'tags', 'env', 'readonly', 'protected']);
const IDENTITY = new Set(['host', 'port', 'user', 'jump', 'hostKey', 'transport']);

/** Inside a write transaction: checks against what is stored at this moment, then stores. */
export function saveHost(sql: Sql, input: HostInput, context: SaveContext): HostChange {
  const row = rowOf(sql, input.alias);
  const change = changeOf(row && toEntry(row), input);
  if (!context.person && change.needsPerson.length > 0) throw personNeeded(input.alias, change);
  if (!row && (!input.host || !input.user)) throw incomplete(input);
  if (input.jump) {
    if (!rowOf(sql, input.jump)) throw hostNotFound(sql, input.jump);
    refuseCycle(sql, input.alias, input.jump);
  }
  const redirected = isRedirected(change);
  storeRow(sql, input, row, redirected, context);
  storePins(sql, input, change, context.now);
  noteChange(sql);
  if (input.groups) replaceGroupsOf(sql, input.alias, input.groups, context.now);
  if (input.tags) storeTags(sql, input.alias, input.tags);
  if (redirected) for (const alias of dependents(sql, input.alias)) bumpRevision(sql, alias);
  if (redirected || SECRET_FIELDS.some((field) => input[field] !== undefined)) bumpCounter(sql, 'secrets');
  return change;
}

function storeRow(
  sql: Sql,
  input: HostInput,
  row: HostRow | undefined,
  redirected: boolean,
  context: SaveContext,
): void {
  const next = columns(input, row, redirected, context);
  const names = Object.keys(next);
  const connection =
    !row || redirected || changeOf(toEntry(row), input).changed.some((name) => !LABELS.has(name));
  const values: Record<string, SqlValue> = {
    ...next,
    alias: input.alias,
    added_at: row?.added_at ?? context.now,
    revision: connection ? bumpCounter(sql, 'revision') : row.revision,
  };
  const all = [...names, 'alias', 'added_at', 'revision'];
  sql.run(
    `INSERT INTO host (${all.join(', ')}) VALUES (${all.map((name) => `@${name}`).join(', ')})
     ON CONFLICT (alias) DO UPDATE SET ${[...names, 'revision'].map((name) => `${name} = @${name}`).join(', ')}`,
    values,
  );
}

function columns(
  input: HostInput,
  row: HostRow | undefined,
  redirected: boolean,
  context: SaveContext,
): Record<string, SqlValue> {
  const text = (value: string | null | undefined, current: string | null | undefined): string | null =>
    value === undefined ? (current ?? null) : value;
  const flag = (value: boolean | undefined, current: number | undefined): number =>
    value === undefined ? (current ?? 0) : Number(value);
  const secret = (field: SecretField): string | null => {
    const value = input[field];
    if (value) return context.cipher.bind(hostSecretContext(field, input.alias)).seal(value);
    return value === null || redirected || !row ? null : sealedOf(row)[field];
  };
  return {
    host: input.host ?? row?.host ?? '',
    port: input.port ?? row?.port ?? 22,
    user: input.user ?? row?.user ?? '',
    key_path: text(input.keyPath, row?.key_path),
    sealed_passphrase: secret('passphrase'),
    sealed_password: secret('password'),
    sealed_sudo_password: secret('sudoPassword'),
    agent: text(agentColumn(input.agent), row?.agent),
    jump: text(input.jump, row?.jump),
    sudo: input.sudo ?? row?.sudo ?? 'none',
    transport: input.transport ?? row?.transport ?? 'ssh',
    env: text(input.env, row?.env),
    readonly: flag(input.readonly, row?.readonly),
    protected: flag(input.protected, row?.protected),
    last_seen: redirected ? null : (row?.last_seen ?? null),
    facts: redirected ? null : (row?.facts ?? null),
  };
}

function agentColumn(agent: HostInput['agent']): string | null | undefined {
  if (agent === undefined || typeof agent === 'string') return agent;
  return agent ? OWN_AGENT : null;
}

function storePins(sql: Sql, input: HostInput, change: HostChange, now: number): void {
  if (isRedirected(change)) sql.run('DELETE FROM host_key WHERE alias = ?', [input.alias]);
  if (!change.created && !isRedirected(change)) return;
  for (const pin of pinsOfInput(input.hostKey)) {
    sql.run('INSERT OR IGNORE INTO host_key VALUES (?, ?, ?, ?)', [
      input.alias,
      pin.type,
      pin.fingerprint,
      now,
    ]);
  }
}

/** The alias may mean another machine from now on. */
const isRedirected = (change: HostChange): boolean =>
  !change.created && change.changed.some((field) => IDENTITY.has(field));

function storeTags(sql: Sql, alias: string, tags: readonly string[]): void {
  sql.run('DELETE FROM host_tag WHERE alias = ?', [alias]);
  for (const tag of new Set(tags)) sql.run('INSERT INTO host_tag VALUES (?, ?)', [alias, tag]);
}

function bumpRevision(sql: Sql, alias: string): void {
  sql.run('UPDATE host SET revision = ? WHERE alias = ?', [bumpCounter(sql, 'revision'), alias]);
}

function incomplete(input: HostInput): FlotillaError {
  const missing = (['host', 'user'] as const).filter((field) => !input[field]);
  return new FlotillaError('INVALID_INPUT', `A new host needs ${missing.join(' and ')}.`, {
    details: { alias: input.alias, missing },
  });
}

function personNeeded(alias: string, change: HostChange): FlotillaError {
  const lost =
    change.dropped.length > 0 ? ` Stored for it and lost by the change: ${change.dropped.join(', ')}.` : '';
  return new FlotillaError(
    'APPROVAL_REQUIRED',
    `Only a person can set this on ${alias}: ${change.needsPerson.join(', ')}.${lost}`,
    {
      details: { alias, fields: change.needsPerson, dropped: change.dropped },
      hint: `Nothing was changed. A person runs it at a terminal: flotilla host add ${alias} …`,
    },
  );
}
