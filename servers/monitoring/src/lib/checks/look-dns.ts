import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Hosts } from '@flotilla/core';
import { quote } from '@flotilla/ssh';
import { PRELUDE } from '../host/read-host.ts';
import type { AddressPolicy } from '../probe/address-policy.ts';
import { permittedAddresses } from '../probe/dial.ts';
import { ProbeFailure } from '../probe/failure.ts';
import type { RECORD_TYPES } from './definition.ts';

export type RecordType = (typeof RECORD_TYPES)[number];

export interface DnsQuestion {
  name: string;
  type: RecordType;
  /** Another one than that of the vantage point. */
  resolver?: { address: string; port: number } | undefined;
  timeoutMs: number;
}

/** The records of a name as text, from the hub. ProbeFailure `forbidden` for a resolver that the hub does not talk to. */
export async function recordsFromHub(
  { name, type, resolver: other, timeoutMs }: DnsQuestion,
  policy: AddressPolicy,
): Promise<string[]> {
  const resolver = new Resolver({ timeout: Math.max(500, Math.floor(timeoutMs / 2)), tries: 2 });
  if (other) {
    await permittedAddresses(other.address, policy);
    resolver.setServers([
      isIP(other.address) === 6 ? `[${other.address}]:${other.port}` : `${other.address}:${other.port}`,
    ]);
  }
  const records = await resolver.resolve(name, type);
  return (records as unknown[]).map(recordText);
}

function recordText(record: unknown): string {
  if (Array.isArray(record)) return record.join('');
  if (typeof record === 'object' && record !== null && 'exchange' in record && 'priority' in record)
    return `${record.priority} ${record.exchange}`;
  return String(record);
}

/** As a host resolves it: dig, nslookup, or getent for addresses. `undefined`: it has none of them. */
export async function recordsFromHost(
  hosts: Hosts,
  alias: string,
  { name, type, resolver, timeoutMs }: DnsQuestion,
  signal: AbortSignal,
): Promise<string[] | undefined> {
  const word = quote(name);
  const getent = type === 'A' ? 'ahostsv4' : type === 'AAAA' ? 'ahostsv6' : '';
  const server = resolver ? quote(resolver.address) : '';
  const other = resolver ? `-p ${resolver.port} @${server}` : '';
  const script = `${PRELUDE}
if command -v dig >/dev/null 2>&1; then echo dig; dig +short +time=2 +tries=2 ${other} -t ${type} -q ${word} 2>/dev/null
elif [ ${resolver && resolver.port !== 53 ? 1 : 0} = 1 ]; then exit 97
elif command -v nslookup >/dev/null 2>&1; then echo nslookup; nslookup -type=${type} ${word} ${server} 2>/dev/null
elif [ -n "${server === '' ? getent : ''}" ] && command -v getent >/dev/null 2>&1; then echo getent; getent ${getent || 'hosts'} ${word} | awk '{ print $1 }'
else exit 97; fi
true`;
  const result = await hosts.shell(alias, script, { timeoutMs, signal, maxBytes: 64 * 1024 });
  if (result.exitCode === 97) return undefined;
  const [program, ...lines] = result.stdout.split('\n');
  const records = program === 'nslookup' ? parseNslookup(lines.join('\n')) : plainLines(lines);
  if (records.length === 0) throw new ProbeFailure('dns', 'the name does not resolve');
  return [...new Set(records)].slice(0, 100);
}

const plainLines = (lines: readonly string[]): string[] =>
  lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith(';'));

/** What nslookup of BIND or busybox prints after the part about the server. */
export function parseNslookup(text: string): string[] {
  const [, ...answer] = text.split(/\n\s*\n/);
  return plainLines(answer.join('\n').split('\n')).flatMap((line) => {
    const value =
      /^Address(?: \d+)?:\s*(\S+)/.exec(line)?.[1] ??
      /(?:canonical name|mail exchanger|nameserver|text|address) = (.+)$/.exec(line)?.[1];
    return value === undefined ? [] : [value];
  });
}
