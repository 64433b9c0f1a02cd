import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import type { Cipher } from '@flotilla/core';
import type { StateStore } from '@flotilla/store';

const KEY_NAME = 'digest-key';

/** Keyed digests of call arguments: equal for equal calls, and no oracle for secrets in them. */
export class Digests {
  readonly #store: StateStore;
  readonly #cipher: Cipher;
  #key: KeyObject | undefined;

  constructor(store: StateStore, cipher: Cipher) {
    this.#store = store;
    this.#cipher = cipher;
  }

  /** Makes the data folder's key on first use; every process gets the same one. */
  async prepare(): Promise<void> {
    if (this.#key) return;
    const sealed = await this.#store.write((sql) => {
      const fresh = this.#cipher.seal(randomBytes(32).toString('base64'));
      sql.run('INSERT OR IGNORE INTO job_meta (name, value) VALUES (?, ?)', [KEY_NAME, fresh]);
      return (
        sql.get<{ value: string }>('SELECT value FROM job_meta WHERE name = ?', [KEY_NAME])?.value ?? fresh
      );
    });
    this.#key = createSecretKey(this.#cipher.open(sealed), 'base64');
  }

  of(value: unknown): string {
    if (!this.#key) throw new Error('Digests.prepare was not awaited');
    return createHmac('sha256', this.#key).update(canonicalJson(value)).digest('base64url');
  }

  get ready(): boolean {
    return this.#key !== undefined;
  }
}

/** JSON with sorted keys and without undefined fields: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(',')}}`;
}
