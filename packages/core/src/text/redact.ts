import type { Redactor } from '../ports/secrets.ts';
import { createKeyBlockStream, maskKeyBlocks } from './key-blocks.ts';
import { secretForms } from './secret-forms.ts';
import { createMatcher, MASK, type SecretMatcher } from './secret-matcher.ts';

const AUTHORIZATION = /(\bauthorization["']?\s*[:=]\s*["']?(?:bearer|basic)\s+)[^\s"'\\,]+/gi;
const ASSIGNMENT =
  /((?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key)\\?["']?\s*[:=]\s*\\?["']?)(?!\[secret\])[^\s"'\\,;&}\]]{3,}/gi;

/** A Redactor over a set of values that changes while it is used. */
export interface SecretRedactor extends Redactor {
  /** Masks the value from now on. Counted: a value added twice is removed twice. */
  add(value: string): void;
  remove(value: string): void;
  replace(values: Iterable<string>): void;
  /** For log lines: also masks what looks like the assignment of a password. */
  log(line: string): string;
}

function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((member) => mapStrings(member, change));
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [change(key), mapStrings(member, change)]),
  );
}

export function createRedactor(options: { values?: Iterable<string> } = {}): SecretRedactor {
  const counts = new Map<string, number>();
  let current: SecretMatcher | undefined;
  const matcher = () => {
    current ??= createMatcher([...new Set([...counts.keys()].flatMap(secretForms))]);
    return current;
  };
  const add = (value: string) => {
    counts.set(value, (counts.get(value) ?? 0) + 1);
    current = undefined;
  };
  const text = (plain: string) => maskKeyBlocks(matcher().mask(plain)).replace(AUTHORIZATION, `$1${MASK}`);
  for (const value of options.values ?? []) add(value);

  return {
    add,
    remove(value) {
      const count = counts.get(value) ?? 0;
      if (count > 1) counts.set(value, count - 1);
      else counts.delete(value);
      current = undefined;
    },
    replace(values) {
      counts.clear();
      for (const value of values) add(value);
      current = undefined;
    },
    text,
    log: (line) => text(line).replace(ASSIGNMENT, `$1${MASK}`),
    value: <T>(value: T) => mapStrings(value, text) as T,
    stream() {
      const blocks = createKeyBlockStream();
      let held = '';
      return {
        push(chunk) {
          held += chunk;
          const used = matcher();
          const from = used.undecidedFrom(held);
          const decided = held.slice(0, from);
          held = held.slice(from);
          return blocks.push(used.mask(decided));
        },
        end() {
          const rest = matcher().mask(held);
          held = '';
          return blocks.push(rest) + blocks.end();
        },
      };
    },
  };
}
