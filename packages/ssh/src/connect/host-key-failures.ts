import { FlotillaError, type HostKeyPin, type HostRecord } from '@flotilla/core';

export function hostKeyMismatch(
  record: HostRecord,
  shown: HostKeyPin,
  known: readonly HostKeyPin[],
  knownHostsLine?: number,
): FlotillaError {
  const { alias, host, port } = record;
  const expected = known.map((pin) => pin.fingerprint).join(' or ');
  const where = knownHostsLine === undefined ? '' : ` (known_hosts, line ${knownHostsLine})`;
  return new FlotillaError(
    'HOST_KEY_MISMATCH',
    `${alias} shows the host key ${shown.fingerprint}, but ${expected}${where} is the known one. No credential was sent.`,
    {
      details: {
        ...{ alias, host, port, shown, known: [...known] },
        ...(knownHostsLine === undefined ? {} : { knownHostsLine }),
      },
      hint: `If the host was reinstalled, a person compares the fingerprint on its console, then confirms it with: flotilla host trust ${alias}. Otherwise somebody may be listening in between.`,
    },
  );
}

export function hostKeyRevoked(record: HostRecord, shown: HostKeyPin, knownHostsLine: number): FlotillaError {
  const { alias, host, port } = record;
  return new FlotillaError(
    'HOST_KEY_MISMATCH',
    `${alias} shows the host key ${shown.fingerprint}, which known_hosts (line ${knownHostsLine}) revokes. No credential was sent.`,
    {
      details: { alias, host, port, shown, known: [], revoked: true, knownHostsLine },
      hint: 'The key is marked as stolen or withdrawn: the host needs a new host key.',
    },
  );
}
