import type { HostDirectory, HostRecord, HostView, Target } from '@flotilla/core';
import { FlotillaError } from '@flotilla/core';
import type { Sql, StateStore } from '@flotilla/store';
import { listGroups, removeGroup, setGroup } from './groups.ts';
import { changeOf } from './hosts/change.ts';
import { matches } from './hosts/filter.ts';
import { hostNotFound } from './hosts/not-found.ts';
import { removeHost } from './hosts/remove.ts';
import {
  allRows,
  connectionRowOf,
  type HostRow,
  rememberingOpener,
  rowOf,
  toEntry,
  toRecord,
} from './hosts/rows.ts';
import { saveHost } from './hosts/save.ts';
import { LabelName, validateInput } from './hosts/validate.ts';
import { createMemo } from './memo.ts';
import { pinFirstKey } from './pins.ts';
import { secretReader } from './secret-values.ts';
import { guardsOf, type HostGuards, rowsOfTarget } from './targets.ts';
import type { GroupView, HostChange, HostEntry, HostFilter, HostInput, SaveOptions } from './types.ts';
import type { VaultCipher } from './vault/cipher.ts';

export interface InventoryOptions {
  store: StateStore;
  cipher: VaultCipher;
  /** Socket of the SSH agent that hosts with `agent: true` use. */
  agentSocket?: string | undefined;
  now?: () => number;
}

export type SaveResult = HostChange & { host: HostEntry };

/** The registered hosts. Reads go to SQLite each time: other processes change the same file. */
export interface Inventory extends HostDirectory {
  /** @param revision of the record that was connected to; CONFLICT when it is no longer the current one. */
  pinHostKey(alias: string, pin: HostRecord['hostKeys'][number], revision?: number): Promise<void>;
  find(alias: string): HostEntry | undefined;
  /** NOT_FOUND with the nearest alias. */
  get(alias: string): HostEntry;
  list(filter?: HostFilter): HostEntry[];
  /** Hosts of a target expression, each once, in a stable order. NOT_FOUND. */
  resolve(target: Target): HostView[];
  entries(target: Target): HostEntry[];
  /** Flags of the hosts that target words mean, for the gate; words that mean nothing give nothing. */
  guards(words: readonly string[]): HostGuards[];
  /** What `save` would do; changes nothing. */
  preview(input: HostInput): HostChange;
  /** Adds or changes one host. INVALID_INPUT, NOT_FOUND (jump), APPROVAL_REQUIRED (see SaveOptions). */
  save(input: HostInput, options: SaveOptions): Promise<SaveResult>;
  /** All or nothing, in one transaction; a host may jump through one that comes earlier in the list. */
  saveAll(inputs: readonly HostInput[], options: SaveOptions): Promise<SaveResult[]>;
  /** NOT_FOUND; CONFLICT while others go through it; APPROVAL_REQUIRED for a readonly or protected host. */
  remove(alias: string, options: SaveOptions): Promise<HostEntry>;
  /** Notes that a host answered, and what it said of itself. Unknown aliases are ignored. */
  seen(alias: string, facts?: Record<string, unknown>): Promise<void>;
  groups(): GroupView[];
  setGroup(name: string, aliases: readonly string[]): Promise<{ added: string[]; removed: string[] }>;
  /** NOT_FOUND with the nearest group; returns its members. */
  removeGroup(name: string): Promise<string[]>;
  /** Every stored secret in clear, of hosts and of the vault, for the redactor. Cached until a secret changes. */
  secretValues(): readonly string[];
}

export function createInventory(options: InventoryOptions): Inventory {
  const { store, cipher, now = Date.now } = options;
  const open = rememberingOpener(cipher);
  const memo = createMemo(store);
  const saved = (sql: Sql, input: HostInput, { person }: SaveOptions): SaveResult => {
    const change = saveHost(sql, input, { cipher, person, now: now() });
    return { ...change, host: toEntry(known(sql, input.alias)) };
  };
  return {
    record: (alias) =>
      memo(`record ${alias}`, (sql) => {
        const row = connectionRowOf(sql, alias);
        if (!row) throw hostNotFound(sql, alias);
        return toRecord(row, open, options.agentSocket);
      }),
    pinHostKey: (alias, pin, revision) => store.write((sql) => pinFirstKey(sql, alias, pin, now(), revision)),
    find: (alias) => {
      const row = store.read((sql) => rowOf(sql, alias));
      return row && toEntry(row);
    },
    get: (alias) => store.read((sql) => toEntry(known(sql, alias))),
    list: (filter = {}) =>
      store
        .read(allRows)
        .map(toEntry)
        .filter((entry) => matches(entry, filter)),
    resolve: (target) => [
      ...memo(`views ${JSON.stringify(target)}`, (sql) => rowsOfTarget(sql, target).map(toView)),
    ],
    guards: (words) => words.flatMap((word) => memo(`guards ${word}`, (sql) => guardsOf(sql, word))),
    entries: (target) => store.read((sql) => rowsOfTarget(sql, target)).map(toEntry),
    preview(input) {
      validateInput(input);
      const row = store.read((sql) => rowOf(sql, input.alias));
      return changeOf(row && toEntry(row), input);
    },
    async save(input, saveOptions) {
      validateInput(input);
      return store.write((sql) => saved(sql, input, saveOptions));
    },
    async saveAll(inputs, saveOptions) {
      for (const input of inputs) validateInput(input);
      return store.write((sql) => inputs.map((input) => saved(sql, input, saveOptions)));
    },
    remove: (alias, { person }) => store.write((sql) => removeHost(sql, alias, person)),
    seen: (alias, facts) =>
      store.write(
        (sql) => {
          const json = facts === undefined ? null : JSON.stringify(facts);
          sql.run('UPDATE host SET last_seen = ?, facts = coalesce(?, facts) WHERE alias = ?', [
            now(),
            json,
            alias,
          ]);
        },
        { durable: false },
      ),
    groups: () => store.read(listGroups),
    async setGroup(name, aliases) {
      checkLabel(name);
      return store.write((sql) => setGroup(sql, name, aliases, now()));
    },
    removeGroup: (name) => store.write((sql) => removeGroup(sql, name)),
    secretValues: secretReader(memo, cipher),
  };
}

function known(sql: Sql, alias: string): HostRow {
  const row = rowOf(sql, alias);
  if (!row) throw hostNotFound(sql, alias);
  return row;
}

function toView(row: HostRow): HostView {
  const { alias, host, port, user, groups, tags, env, readonly, protected: guarded } = toEntry(row);
  return {
    alias,
    host,
    port,
    user,
    groups,
    tags,
    ...(env !== undefined && { env }),
    ...(readonly && { readonly }),
    ...(guarded && { protected: guarded }),
  };
}

function checkLabel(name: string): void {
  const result = LabelName.safeParse(name);
  if (result.success) return;
  throw new FlotillaError('INVALID_INPUT', `The name of a group has ${result.error.issues[0]?.message}.`);
}
