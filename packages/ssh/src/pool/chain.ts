import { FlotillaError, type HostDirectory, type HostRecord } from '@flotilla/core';

/** The host and its bastions, nearest bastion first. INVALID_INPUT when they form a loop. */
export function chainOf(directory: HostDirectory, alias: string): HostRecord[] {
  const chain: HostRecord[] = [];
  for (let next: string | undefined = alias; next !== undefined; ) {
    const record: HostRecord = directory.record(next);
    if (chain.some((seen) => seen.alias === record.alias))
      throw new FlotillaError('INVALID_INPUT', `The bastions of ${alias} form a loop.`, {
        details: { alias, chain: chain.map((seen) => seen.alias) },
        hint: 'Change or remove the jump host of one of them.',
      });
    chain.push(record);
    next = record.jump;
  }
  return chain;
}

/** Changes with every change of the records that a link is made from. */
export function stampOf(chain: readonly HostRecord[]): string {
  return chain.map((record) => `${record.alias}@${record.revision}`).join('>');
}
