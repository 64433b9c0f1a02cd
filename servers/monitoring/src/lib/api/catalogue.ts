import {
  type Cipher,
  FlotillaError,
  listed,
  nearest,
  type SecretRedactor,
  type StateFile,
} from '@flotilla/core';
import { z } from 'zod';
import { type ApiSecrets, openSecrets, type SealedSecrets, sealSecrets } from './secrets.ts';
import { ApiSettings } from './settings.ts';

export const LastCheck = z.object({
  at: z.string(),
  from: z.string(),
  status: z.enum(['UP', 'DOWN']),
  http_code: z.number().int().optional(),
  response_time_ms: z.number(),
});
export type LastCheck = z.infer<typeof LastCheck>;

/** An API without its secrets. */
export interface ApiEntry {
  alias: string;
  settings: ApiSettings;
  has: { api_key: boolean; htpasswd_pass: boolean };
  lastCheck?: LastCheck | undefined;
}

export interface ApiCatalogue {
  list(): ApiEntry[];
  /** NOT_FOUND names the nearest. */
  get(alias: string): ApiEntry;
  secrets(alias: string): SealedSecrets | undefined;
  /** Secrets that are not given stay, unless the url changed: then they are dropped. */
  save(
    alias: string,
    settings: ApiSettings,
    secrets: ApiSecrets,
    hosts: readonly string[],
  ): Promise<{ created: boolean; dropped: string[] }>;
  remove(alias: string): Promise<ApiEntry>;
  checked(alias: string, check: LastCheck): Promise<void>;
}

interface Row {
  alias: string;
  settings: string;
  sealed: string | null;
  last_check: string | null;
}

export function openCatalogue(parts: {
  state: StateFile;
  cipher: Cipher;
  redactor: SecretRedactor;
}): ApiCatalogue {
  const { state, cipher } = parts;
  const mask = masking(parts.redactor);
  const rows = (): Row[] =>
    state.read((sql) => sql.all<Row>('SELECT * FROM monitoring_api ORDER BY alias LIMIT 5000'));
  const find = (alias: string): Row | undefined =>
    state.read((sql) => sql.get<Row>('SELECT * FROM monitoring_api WHERE alias = ?', [alias]));
  const need = (alias: string): Row => {
    const row = find(alias);
    if (row) return row;
    const names = rows().map((one) => one.alias);
    throw new FlotillaError('NOT_FOUND', `There is no API ${JSON.stringify(alias)}.`, {
      details: { alias, nearest: nearest(alias, names) },
      hint: `Known: ${listed(names)}. Add one with api_add.`,
    });
  };
  const opened = ({ alias, settings, sealed }: Row): SealedSecrets | undefined => {
    if (sealed === null) return undefined;
    const found = openSecrets(cipher, sealed, alias, ApiSettings.parse(JSON.parse(settings)).url);
    if (found) mask(found, ApiSettings.parse(JSON.parse(settings)).htpasswd_user);
    return found;
  };
  const entry = (row: Row): ApiEntry => {
    const found = opened(row);
    return {
      alias: row.alias,
      settings: ApiSettings.parse(JSON.parse(row.settings)),
      has: { api_key: found?.api_key !== undefined, htpasswd_pass: found?.htpasswd_pass !== undefined },
      ...(row.last_check !== null && { lastCheck: LastCheck.parse(JSON.parse(row.last_check)) }),
    };
  };
  for (const row of rows()) opened(row);
  return {
    list: () => rows().map(entry),
    get: (alias) => entry(need(alias)),
    secrets: (alias) => opened(need(alias)),
    async save(alias, settings, given, hosts) {
      const before = find(alias);
      const kept = before ? opened(before) : undefined;
      const old = before ? ApiSettings.parse(JSON.parse(before.settings)) : undefined;
      const moved = old !== undefined && old.url !== settings.url;
      const secrets = merge(moved ? undefined : kept, given);
      const dropped = moved && kept ? lost(kept, given) : [];
      const fresh = given.api_key !== undefined || given.htpasswd_pass !== undefined;
      const known = fresh ? [...hosts] : (kept?.hosts ?? []);
      const sealed = secrets
        ? sealSecrets(cipher, { alias, url: settings.url, ...secrets, hosts: known })
        : null;
      if (secrets) mask(secrets, settings.htpasswd_user);
      const now = Date.now();
      await state.write((sql) =>
        sql.run(
          `INSERT INTO monitoring_api VALUES (?, ?, ?, ?, ?, NULL)
           ON CONFLICT (alias) DO UPDATE SET settings = excluded.settings, sealed = excluded.sealed, updated_at = excluded.updated_at, last_check = NULL`,
          [alias, JSON.stringify(settings), sealed, now, now],
        ),
      );
      return { created: !before, dropped };
    },
    async remove(alias) {
      const removed = entry(need(alias));
      await state.write((sql) => sql.run('DELETE FROM monitoring_api WHERE alias = ?', [alias]));
      return removed;
    },
    async checked(alias, check) {
      await state.write(
        (sql) =>
          sql.run('UPDATE monitoring_api SET last_check = ? WHERE alias = ?', [JSON.stringify(check), alias]),
        { durable: false },
      );
    },
  };
}

function merge(kept: ApiSecrets | undefined, given: ApiSecrets): ApiSecrets | undefined {
  const api_key = given.api_key ?? kept?.api_key;
  const htpasswd_pass = given.htpasswd_pass ?? kept?.htpasswd_pass;
  if (api_key === undefined && htpasswd_pass === undefined) return undefined;
  return { ...(api_key !== undefined && { api_key }), ...(htpasswd_pass !== undefined && { htpasswd_pass }) };
}

const lost = (kept: ApiSecrets, given: ApiSecrets): string[] =>
  (['api_key', 'htpasswd_pass'] as const).filter(
    (name) => kept[name] !== undefined && given[name] === undefined,
  );

/** Each value is made known to the redactor once per process, a password also as it stands in a Basic header. */
function masking(redactor: SecretRedactor): (secrets: ApiSecrets, user: string | undefined) => void {
  const known = new Set<string>();
  return ({ api_key, htpasswd_pass }, user) => {
    const basic =
      htpasswd_pass === undefined
        ? undefined
        : Buffer.from(`${user ?? ''}:${htpasswd_pass}`).toString('base64');
    for (const value of [api_key, htpasswd_pass, basic]) {
      if (value === undefined || known.has(value)) continue;
      known.add(value);
      redactor.add(value);
    }
  };
}
