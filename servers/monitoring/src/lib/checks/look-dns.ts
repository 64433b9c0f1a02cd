import { Resolver } from 'node:dns/promises';
import type { Hosts } from '@flotilla/core';
import { quote } from '@flotilla/ssh';
import { PRELUDE } from '../host/read-host.ts';
import { ProbeFailure } from '../probe/failure.ts';
import type { RECORD_TYPES } from './definition.ts';

export type RecordType = (typeof RECORD_TYPES)[number];

/** The records of a name as the hub's resolver gives them, as text. */
export async function recordsFromHub(name: string, type: RecordType, timeoutMs: number): Promise<string[]> {
  const resolver = new Resolver({ timeout: Math.max(500, Math.floor(timeoutMs / 2)), tries: 2 });
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
  {
    name,
    type,
    timeoutMs,
    signal,
  }: { name: string; type: RecordType; timeoutMs: number; signal: AbortSignal },
): Promise<string[] | undefined> {
  const word = quote(name);
  const getent = type === 'A' ? 'ahostsv4' : type === 'AAAA' ? 'ahostsv6' : '';
  const script = `${PRELUDE}
if command -v dig >/dev/null 2>&1; then dig +short +time=2 +tries=2 -t ${type} -q ${word} 2>/dev/null
elif command -v nslookup >/dev/null 2>&1; then nslookup -type=${type} ${word} 2>/dev/null | awk 'seen && /^Address|address =|canonical name|mail exchanger|nameserver =|text =/ { sub(/^[^=:]*[=:] */, ""); print } /^Name:|canonical name|mail exchanger|nameserver =|text =/ { if (!seen && !/^Name:/) { sub(/^[^=]*= */, ""); print } seen = 1 }'
elif [ -n "${getent}" ] && command -v getent >/dev/null 2>&1; then getent ${getent || 'hosts'} ${word} | awk '{ print $1 }' | sort -u
else exit 97; fi
true`;
  const result = await hosts.shell(alias, script, { timeoutMs, signal, maxBytes: 64 * 1024 });
  if (result.exitCode === 97) return undefined;
  const records = result.stdout
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith(';'));
  if (records.length === 0) throw new ProbeFailure('dns', 'the name does not resolve');
  return [...new Set(records)].slice(0, 100);
}
