import { FlotillaError } from '@flotilla/core';
import type { StateStore } from '@flotilla/store';
import { bumpCounter } from '../counter.ts';
import { nearest } from '../nearest.ts';
import type { VaultCipher } from './cipher.ts';

/** Named secrets, for `${vault:NAME}` in the config. */
export interface Secrets {
  /** NOT_FOUND with the nearest name. */
  get(name: string): string;
  set(name: string, value: string): Promise<void>;
  /** False when there was none. */
  remove(name: string): Promise<boolean>;
  list(): { name: string; updatedAt: number }[];
}

export interface SecretsOptions {
  store: StateStore;
  cipher: VaultCipher;
  now?: () => number;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

export function createSecrets({ store, cipher, now = Date.now }: SecretsOptions): Secrets {
  const list = (): { name: string; updatedAt: number }[] =>
    store.read((sql) => sql.all('SELECT name, updated_at AS updatedAt FROM vault_secret ORDER BY name'));
  return {
    get(name) {
      const row = store.read((sql) =>
        sql.get<{ sealed_value: string }>('SELECT sealed_value FROM vault_secret WHERE name = ?', [name]),
      );
      if (row) return cipher.bind(secretContext(name)).open(row.sealed_value);
      throw new FlotillaError('NOT_FOUND', `The vault has no secret "${name}".`, {
        details: {
          name,
          nearest: nearest(
            name,
            list().map((entry) => entry.name),
          ),
        },
        hint: `Store it with: flotilla secret set ${NAME.test(name) ? name : 'NAME'}`,
      });
    },
    async set(name, value) {
      if (!NAME.test(name)) throw badName(name);
      const sealed = cipher.bind(secretContext(name)).seal(value);
      await store.write((sql) => {
        sql.run('INSERT OR REPLACE INTO vault_secret VALUES (?, ?, ?)', [name, sealed, now()]);
        bumpCounter(sql, 'secrets');
      });
    },
    remove: (name) =>
      store.write((sql) => {
        bumpCounter(sql, 'secrets');
        return sql.run('DELETE FROM vault_secret WHERE name = ?', [name]).changes > 0;
      }),
    list,
  };
}

export const secretContext = (name: string): string => `vault_secret/value/${name}`;

function badName(name: string): FlotillaError {
  return new FlotillaError('INVALID_INPUT', 'The name of a secret does not fit.', {
    details: { name: name.slice(0, 100) },
    hint: 'Letters, digits, dot, dash and underscore, at most 63, starting with a letter or digit.',
  });
}
