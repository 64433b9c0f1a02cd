import { FlotillaError } from '../errors.ts';
import type { Environment } from './variables.ts';

const REFERENCE = /\$\{(env|vault):([^}]{1,200})\}/g;

export interface ReferenceSources {
  /** Absent: `${env:X}` stays as it is. */
  env?: Environment;
  /** Absent: `${vault:name}` stays as it is, to be resolved once the vault is open. */
  vault?: (name: string) => string | undefined;
}

/** Replaces `${env:X}` and `${vault:name}`. INVALID_INPUT names one that has no value. */
export function resolveReferences(text: string, sources: ReferenceSources, where = ''): string {
  return text.replace(REFERENCE, (whole, kind: string, name: string) => {
    const known = kind === 'env' ? sources.env : sources.vault;
    if (known === undefined) return whole;
    const value = typeof known === 'function' ? known(name) : known[name];
    if (value !== undefined && value !== '') return value;
    const what = kind === 'env' ? `the environment variable ${name}` : `the vault entry ${name}`;
    throw new FlotillaError(
      'INVALID_INPUT',
      `${where === '' ? 'A reference' : where} names ${what}, which is not set.`,
    );
  });
}

/** The same in every string of a JSON value. */
export function resolveAll<T>(value: T, sources: ReferenceSources, where = ''): T {
  const visit = (node: unknown, path: string): unknown => {
    if (typeof node === 'string') return resolveReferences(node, sources, path);
    if (typeof node !== 'object' || node === null) return node;
    if (Array.isArray(node)) return node.map((member, index) => visit(member, `${path}.${index}`));
    return Object.fromEntries(
      Object.entries(node).map(([key, member]) => [key, visit(member, path === '' ? key : `${path}.${key}`)]),
    );
  };
  return visit(value, where) as T;
}
