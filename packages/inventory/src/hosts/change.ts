import type { HostKeyPin } from '@flotilla/core';
import type { HostChange, HostEntry, HostInput } from '../types.ts';
import { SECRET_FIELDS } from '../types.ts';

/** Key type of a pin that a person gave as a fingerprint alone. */
export const ANY_KEY_TYPE = 'any';

/** Fields that say which machine is meant: another value may mean another machine. */
const IDENTITY = ['host', 'port', 'user', 'jump', 'hostKey', 'transport'] as const;
const PLAIN = ['keyPath', 'agent', 'sudo', 'env', 'readonly', 'protected'] as const;

export const pinsOfInput = (hostKey: HostInput['hostKey']): readonly HostKeyPin[] =>
  typeof hostKey === 'string' ? [{ type: ANY_KEY_TYPE, fingerprint: hostKey }] : (hostKey ?? []);

/** What an input would change; pure. Secrets that are given count as changed. */
export function changeOf(current: HostEntry | undefined, input: HostInput): HostChange {
  const identity = current ? IDENTITY.filter((field) => identityChanges(current, input, field)) : [];
  const changed = current
    ? [...identity, ...plainChanges(current, input)]
    : Object.keys(input).filter((field) => field !== 'alias' && input[field as keyof HostInput] != null);
  return {
    created: current === undefined,
    changed,
    dropped: identity.length > 0 && current ? losses(current, input) : [],
    needsPerson: [...(identity.length > 0 ? identity : []), ...guards(current, input)],
  };
}

function identityChanges(current: HostEntry, input: HostInput, field: (typeof IDENTITY)[number]): boolean {
  if (field === 'hostKey') return hostKeyChanges(current.hostKeys, input.hostKey);
  const wanted = input[field];
  return wanted !== undefined && (wanted ?? undefined) !== current[field];
}

function hostKeyChanges(pins: readonly HostKeyPin[], wanted: HostInput['hostKey']): boolean {
  if (wanted === undefined) return false;
  const names = (list: readonly HostKeyPin[]): string =>
    list
      .map((pin) => pin.fingerprint)
      .sort()
      .join();
  return names(pins) !== names(pinsOfInput(wanted));
}

function plainChanges(current: HostEntry, input: HostInput): string[] {
  const plain = PLAIN.filter((field) => {
    const wanted = input[field];
    return wanted !== undefined && (wanted || undefined) !== (current[field] || undefined);
  });
  const secrets = SECRET_FIELDS.filter(
    (field) => input[field] !== undefined && (input[field] !== null || current.secrets.includes(field)),
  );
  const sets = (['groups', 'tags'] as const).filter((field) => {
    const wanted = input[field];
    return wanted !== undefined && [...new Set(wanted)].sort().join() !== [...current[field]].sort().join();
  });
  return [...plain, ...secrets, ...sets];
}

/** Secrets that the input does not give anew, and pins that it does not name. */
function losses(current: HostEntry, input: HostInput): string[] {
  const kept = new Set(pinsOfInput(input.hostKey).map((pin) => pin.fingerprint));
  return [
    ...current.secrets.filter((field) => !input[field]),
    ...current.hostKeys.map((pin) => pin.fingerprint).filter((fingerprint) => !kept.has(fingerprint)),
  ];
}

/** Settings that only a person may give or lift, beyond the identity of a known host. */
function guards(current: HostEntry | undefined, input: HostInput): string[] {
  const reasons: string[] = [];
  if (input.protected !== undefined && input.protected !== (current?.protected ?? false))
    reasons.push('protected');
  if (input.readonly === false && current?.readonly) reasons.push('readonly');
  if (!current && input.transport === 'local') reasons.push('transport');
  if (!current && pinsOfInput(input.hostKey).length > 0) reasons.push('hostKey');
  if (typeof input.agent === 'string' && input.agent !== current?.agent) reasons.push('agent');
  return reasons;
}
