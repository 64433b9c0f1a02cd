import { FlotillaError, type HostDirectory, type HostRecord } from '@flotilla/core';

/** A host, then its bastions, the one nearest to it first. */
export type Chain = [HostRecord, ...HostRecord[]];

/** INVALID_INPUT when the bastions form a loop. */
export function chainOf(directory: HostDirectory, alias: string): Chain {
  const chain: Chain = [directory.record(alias)];
  for (let { jump } = chain[0]; jump !== undefined; ) {
    const record = directory.record(jump);
    if (chain.some((seen) => seen.alias === record.alias))
      throw new FlotillaError('INVALID_INPUT', `The bastions of ${alias} form a loop.`, {
        details: { alias, chain: [...chain.map((seen) => seen.alias), record.alias] },
        hint: 'Change or remove the jump host of one of them.',
      });
    chain.push(record);
    jump = record.jump;
  }
  return chain;
}

/** Changes with every change of the records that a connection is made from. */
export function stampOf(chain: Chain): string {
  return chain.map((record) => `${record.alias}@${record.revision}`).join('>');
}

/** Whether nothing changed but keys that were pinned: pinning may raise the revision. */
export function sameLogin(before: Chain, now: Chain): boolean {
  const login = (chain: Chain): string =>
    JSON.stringify(chain.map((record) => ({ ...record, hostKeys: undefined, revision: undefined })));
  return login(before) === login(now) && now.every((record, index) => keepsKeys(before[index], record));
}

const keepsKeys = (before: HostRecord | undefined, now: HostRecord): boolean =>
  (before?.hostKeys ?? []).every((pin) => now.hostKeys.some((kept) => kept.fingerprint === pin.fingerprint));

/** Whether a host is reached through a bastion; a host that is no longer registered counts. */
export function goesThrough(directory: HostDirectory, alias: string, bastion: string): boolean {
  try {
    return chainOf(directory, alias).some((record) => record.alias === bastion);
  } catch {
    return true;
  }
}

export function isRegistered(directory: HostDirectory, alias: string): boolean {
  try {
    directory.record(alias);
    return true;
  } catch {
    return false;
  }
}
