import { isFlotillaError } from '@flotilla/core';
import type { Sql } from '@flotilla/store';
import { readCounter } from './counter.ts';
import { allRows, hostSecretContext, sealedOf } from './hosts/rows.ts';
import type { Memo } from './memo.ts';
import { SECRET_FIELDS } from './types.ts';
import type { VaultCipher } from './vault/cipher.ts';
import { secretContext } from './vault/secrets.ts';

interface Sealed {
  context: string;
  sealed: string;
}

/** A function that gives all stored secrets in clear: the same list while none of them changed. */
export function secretReader(memo: Memo, cipher: VaultCipher): () => readonly string[] {
  let version = -1;
  let values: readonly string[] = [];
  return () =>
    memo('secrets', (sql) => {
      const current = readCounter(sql, 'secrets');
      if (current !== version) {
        values = [...new Set(sealedValues(sql).flatMap((entry) => opened(cipher, entry)))];
        version = current;
      }
      return values;
    });
}

function sealedValues(sql: Sql): Sealed[] {
  const ofHosts = allRows(sql).flatMap((row) => {
    const sealed = sealedOf(row);
    return SECRET_FIELDS.map((field) => ({
      context: hostSecretContext(field, row.alias),
      sealed: sealed[field],
    }));
  });
  const named = sql
    .all<{ name: string; sealed_value: string }>('SELECT name, sealed_value FROM vault_secret')
    .map((row) => ({ context: secretContext(row.name), sealed: row.sealed_value }));
  return [...ofHosts, ...named].filter((entry): entry is Sealed => entry.sealed !== null);
}

/** One damaged value must not keep the others from being masked. */
function opened(cipher: VaultCipher, entry: Sealed): string[] {
  try {
    return [cipher.bind(entry.context).open(entry.sealed)];
  } catch (error) {
    if (isFlotillaError(error)) return [];
    throw error;
  }
}
