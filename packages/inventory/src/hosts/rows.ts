import type { HostKeyPin, HostRecord } from '@flotilla/core';
import type { Sql } from '@flotilla/store';
import { type HostEntry, SECRET_FIELDS, type SecretField } from '../types.ts';
import type { VaultCipher } from '../vault/cipher.ts';

export interface HostRow {
  alias: string;
  host: string;
  port: number;
  user: string;
  key_path: string | null;
  sealed_passphrase: string | null;
  sealed_password: string | null;
  agent: string | null;
  jump: string | null;
  sudo: HostRecord['sudo'];
  sealed_sudo_password: string | null;
  transport: HostRecord['transport'];
  env: string | null;
  readonly: number;
  protected: number;
  revision: number;
  added_at: number;
  last_seen: number | null;
  facts: string | null;
  groups: string;
  tags: string;
  host_keys: string;
}

/** The part of a row that a connection needs. */
export type ConnectionRow = Omit<HostRow, 'groups' | 'tags'>;

/** Stored in the column `agent` for "the agent of the process that connects". */
export const OWN_AGENT = 'own';

const HOST_KEYS = `
  (SELECT json_group_array(json_object('type', type, 'fingerprint', fingerprint) ORDER BY pinned_at, fingerprint)
    FROM host_key WHERE alias = host.alias) AS host_keys`;

const SELECT = `
  SELECT host.*, ${HOST_KEYS},
    (SELECT json_group_array(name ORDER BY name) FROM host_group_member WHERE alias = host.alias) AS groups,
    (SELECT json_group_array(tag ORDER BY tag) FROM host_tag WHERE alias = host.alias) AS tags
  FROM host`;

const SELECT_ONE = `${SELECT} WHERE alias = ?`;
const SELECT_CONNECTION = `SELECT host.*, ${HOST_KEYS} FROM host WHERE alias = ?`;

export const rowOf = (sql: Sql, alias: string): HostRow | undefined => sql.get<HostRow>(SELECT_ONE, [alias]);

export const connectionRowOf = (sql: Sql, alias: string): ConnectionRow | undefined =>
  sql.get<ConnectionRow>(SELECT_CONNECTION, [alias]);

export const allRows = (sql: Sql): HostRow[] => sql.all<HostRow>(`${SELECT} ORDER BY alias`);

export const allAliases = (sql: Sql): string[] =>
  sql.all<{ alias: string }>('SELECT alias FROM host ORDER BY alias').map((row) => row.alias);

const list = <T>(json: string): T[] => JSON.parse(json) as T[];

export const pinsOf = (row: ConnectionRow): HostKeyPin[] => list<HostKeyPin>(row.host_keys);

export const sealedOf = (row: ConnectionRow): Record<SecretField, string | null> => ({
  password: row.sealed_password,
  passphrase: row.sealed_passphrase,
  sudoPassword: row.sealed_sudo_password,
});

export const hostSecretContext = (field: SecretField, alias: string): string => `host/${field}/${alias}`;

export function toEntry(row: HostRow): HostEntry {
  const sealed = sealedOf(row);
  return {
    alias: row.alias,
    host: row.host,
    port: row.port,
    user: row.user,
    groups: list<string>(row.groups),
    tags: list<string>(row.tags),
    ...(row.env !== null && { env: row.env }),
    ...(row.readonly === 1 && { readonly: true }),
    ...(row.protected === 1 && { protected: true }),
    ...(row.key_path !== null && { keyPath: row.key_path }),
    ...(row.agent !== null && { agent: row.agent === OWN_AGENT ? true : row.agent }),
    ...(row.jump !== null && { jump: row.jump }),
    hostKeys: pinsOf(row),
    sudo: row.sudo,
    transport: row.transport,
    secrets: SECRET_FIELDS.filter((field) => sealed[field] !== null),
    revision: row.revision,
    addedAt: row.added_at,
    ...(row.last_seen !== null && { lastSeen: row.last_seen }),
    ...(row.facts !== null && { facts: JSON.parse(row.facts) as Record<string, unknown> }),
  };
}

/** Opens a sealed value that belongs to a context. */
export type Opener = (context: string, sealed: string) => string;

/** Remembers the last value of each context: connections ask for the same record many times a second. */
export function rememberingOpener(cipher: VaultCipher): Opener {
  const known = new Map<string, { sealed: string; plain: string }>();
  return (context, sealed) => {
    const last = known.get(context);
    if (last?.sealed === sealed) return last.plain;
    const plain = cipher.bind(context).open(sealed);
    known.set(context, { sealed, plain });
    return plain;
  };
}

/** @param agentSocket path of the own agent's socket; a host that wants it while there is none goes without. */
export function toRecord(row: ConnectionRow, open: Opener, agentSocket: string | undefined): HostRecord {
  const sealed = sealedOf(row);
  const opened = (field: SecretField): string | undefined => {
    const value = sealed[field];
    return value === null ? undefined : open(hostSecretContext(field, row.alias), value);
  };
  const [password, passphrase, sudoPassword] = SECRET_FIELDS.map(opened);
  const agent = row.agent === OWN_AGENT ? agentSocket : row.agent;
  return {
    alias: row.alias,
    host: row.host,
    port: row.port,
    user: row.user,
    ...(row.key_path !== null && { keyPath: row.key_path }),
    ...(passphrase !== undefined && { passphrase }),
    ...(password !== undefined && { password }),
    ...(agent && { agentSocket: agent }),
    ...(row.jump !== null && { jump: row.jump }),
    hostKeys: pinsOf(row),
    sudo: row.sudo,
    ...(sudoPassword !== undefined && { sudoPassword }),
    transport: row.transport,
    revision: row.revision,
  };
}
