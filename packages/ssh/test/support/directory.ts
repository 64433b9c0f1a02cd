import { FlotillaError, type HostDirectory, type HostKeyPin, type HostRecord } from '@flotilla/core';
import type { TestSshd } from '@flotilla/testkit';

export interface TestDirectory extends HostDirectory {
  /** Adds or changes a host; its revision grows. */
  set(record: Partial<HostRecord> & { alias: string }): HostRecord;
  remove(alias: string): void;
}

/** The hosts of one test, in memory, with the promises of HostDirectory. */
export function testDirectory(...records: (Partial<HostRecord> & { alias: string })[]): TestDirectory {
  const hosts = new Map<string, HostRecord>();
  const set: TestDirectory['set'] = (change) => {
    const before = hosts.get(change.alias);
    const record: HostRecord = {
      host: '127.0.0.1',
      port: 22,
      user: 'nobody',
      hostKeys: [],
      sudo: 'none',
      transport: 'ssh',
      ...before,
      ...change,
      revision: (before?.revision ?? 0) + 1,
    };
    hosts.set(change.alias, record);
    return record;
  };
  for (const record of records) set(record);
  return {
    set,
    remove: (alias) => void hosts.delete(alias),
    record(alias) {
      const record = hosts.get(alias);
      if (!record) throw new FlotillaError('NOT_FOUND', `No host ${alias}.`);
      return record;
    },
    async pinHostKey(alias: string, pin: HostKeyPin, revision?: number) {
      const record = this.record(alias);
      if (revision !== undefined && revision !== record.revision)
        throw new FlotillaError('CONFLICT', 'The host changed.');
      const same = record.hostKeys.some((known) => known.fingerprint === pin.fingerprint);
      if (same) return;
      if (record.hostKeys.length > 0) throw new FlotillaError('CONFLICT', 'Another key was pinned.');
      hosts.set(alias, { ...record, hostKeys: [pin] });
    },
  };
}

/** The record of a test sshd. */
export function hostOf(sshd: TestSshd, alias = 'web'): Partial<HostRecord> & { alias: string } {
  return { alias, host: sshd.host, port: sshd.port, user: sshd.user, keyPath: sshd.keyPath };
}
