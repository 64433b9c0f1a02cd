import { createHmac, timingSafeEqual } from 'node:crypto';

interface CallLease {
  lane: string;
  words: readonly string[];
  /** UTC epoch milliseconds. */
  until: number;
}

const LASTS_MS = 10 * 60_000;

/** Says in writing that a worker of a lane may have the hosts of one call: any process of the data folder can check it. */
export function callLeases(key: Uint8Array, now: () => number = Date.now) {
  const mac = (payload: string): Buffer =>
    createHmac('sha256', key).update(`flotilla-call-lease-v1.${payload}`).digest();
  return {
    issue(lane: string, words: readonly string[]): string {
      const lease: CallLease = { lane, words, until: now() + LASTS_MS };
      const payload = Buffer.from(JSON.stringify(lease)).toString('base64url');
      return `${payload}.${mac(payload).toString('base64url')}`;
    },
    /** Undefined for one that is not ours, or has run out. */
    check(signed: string): CallLease | undefined {
      const [payload = '', signature = ''] = signed.split('.');
      const given = Buffer.from(signature, 'base64url');
      const expected = mac(payload);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
      const lease = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as CallLease;
      return lease.until < now() ? undefined : lease;
    },
  };
}

export type CallLeases = ReturnType<typeof callLeases>;
