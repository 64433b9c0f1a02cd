import { FlotillaError } from '../errors.ts';
import type { Environment } from './variables.ts';

const REFERENCE = /\$\{(env|vault):([^}]{1,200})\}/g;

/** Keys of the config whose values may be secrets: masked wherever they show up, and open to `${vault:NAME}`. */
const SECRET_KEY = /^(?:mcpServers\.[^.]+\.(?:env|headers)|http\.tokens|servers\.[^.]+)\./;

export interface ReferenceSources {
  /** Absent: `${env:X}` stays as it is. */
  env?: Environment;
  /** Absent: `${vault:NAME}` stays as it is, to be filled in once the vault is open. */
  vault?: (name: string) => string | undefined;
  /** Told of every value that was filled in where a secret may stand. */
  onSecret?: (value: string) => void;
}

/** Replaces `${env:X}` and `${vault:NAME}` in the value of a key. INVALID_INPUT names one that has no value. */
function resolveReferences(text: string, sources: ReferenceSources, key: string): string {
  return text.replace(REFERENCE, (whole, kind: string, name: string) => {
    if (kind === 'vault' && !SECRET_KEY.test(key)) throw misplaced(name, key);
    const { env, vault } = sources;
    if ((kind === 'env' ? env : vault) === undefined) return whole;
    const value = kind === 'env' ? env?.[name] : vault?.(name);
    if (value === undefined || value === '')
      throw kind === 'env' ? unsetVariable(name, key) : unknownSecret(name, key);
    if (SECRET_KEY.test(key)) sources.onSecret?.(value);
    return value;
  });
}

const unsetVariable = (name: string, key: string): FlotillaError =>
  new FlotillaError('INVALID_INPUT', `${key} names the environment variable ${name}, which is not set.`, {
    details: { key },
    hint: 'Set it in the environment or in .env of the data folder.',
  });

const unknownSecret = (name: string, key: string): FlotillaError =>
  new FlotillaError('INVALID_INPUT', `${key} names the secret ${name} of the vault, which is not there.`, {
    details: { key },
    hint: `Store it with: flotilla secret set ${name}`,
  });

const misplaced = (name: string, key: string): FlotillaError =>
  new FlotillaError('INVALID_INPUT', `${key} names the secret ${name} of the vault; it cannot stand there.`, {
    details: { key },
    hint: 'Secrets can stand in env and headers of mcpServers, in http.tokens and in servers.',
  });

/** Fills in every string of a JSON value; `key` is where in the config it stands. */
export function resolveAll<T>(value: T, sources: ReferenceSources, key = ''): T {
  const visit = (node: unknown, path: string): unknown => {
    if (typeof node === 'string') return resolveReferences(node, sources, path);
    if (typeof node !== 'object' || node === null) return node;
    if (Array.isArray(node)) return node.map((member, index) => visit(member, `${path}.${index}`));
    return Object.fromEntries(
      Object.entries(node).map(([name, member]) => [
        name,
        visit(member, path === '' ? name : `${path}.${name}`),
      ]),
    );
  };
  return visit(value, key) as T;
}
