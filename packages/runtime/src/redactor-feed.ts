import type { SecretRedactor } from '@flotilla/core';
import type { Inventory } from '@flotilla/inventory';

/**
 * A redactor that always knows the secrets of the data folder, also those that another process added:
 * the values are compared (by identity of the cached list) before every use.
 */
export function freshRedactor(redactor: SecretRedactor, inventory: Inventory): SecretRedactor {
  let known: readonly string[] = [];
  const fresh = (): SecretRedactor => {
    const values = inventory.secretValues();
    if (values !== known) {
      for (const value of known) redactor.remove(value);
      for (const value of values) redactor.add(value);
      known = values;
    }
    return redactor;
  };
  return {
    add: (value) => redactor.add(value),
    remove: (value) => redactor.remove(value),
    replace: (values) => redactor.replace(values),
    text: (text) => fresh().text(text),
    value: (value) => fresh().value(value),
    stream: () => {
      const masked = redactor.stream();
      return {
        push: (chunk) => {
          fresh();
          return masked.push(chunk);
        },
        end: () => {
          fresh();
          return masked.end();
        },
      };
    },
    log: (text) => fresh().log(text),
  };
}
