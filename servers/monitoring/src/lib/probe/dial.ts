import { lookup as resolveName } from 'node:dns/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Hosts, isFlotillaError } from '@flotilla/core';
import { quote } from '@flotilla/ssh';
import type { AddressPolicy } from './address-policy.ts';
import { ProbeFailure } from './failure.ts';

export interface Address {
  host: string;
  port: number;
}

/** Opens a byte stream to an address, from some vantage point. */
export type Dial = (to: Address, signal: AbortSignal) => Promise<Duplex>;

/** The addresses of a name that the hub may connect to; ProbeFailure `forbidden` when one of them is not. */
export async function permittedAddresses(host: string, policy: AddressPolicy): Promise<string[]> {
  const found =
    isIP(host) === 0 ? (await resolveName(host, { all: true })).map(({ address }) => address) : [host];
  // One forbidden address is enough: a name that also points inwards is either broken or meant to.
  if (!found.every(policy)) {
    throw new ProbeFailure(
      'forbidden',
      "that is an address of the hub's own machine, link-local or a metadata service, which the hub does not connect to",
    );
  }
  return found;
}

/** From this machine. The name is resolved once, so that what was checked is what is connected to. */
export const dialFromHub =
  (policy: AddressPolicy): Dial =>
  async ({ host, port }, signal) => {
    const addresses = await permittedAddresses(host, policy);
    let last: unknown;
    for (const address of addresses.slice(0, 4)) {
      try {
        return await opened(connectTcp({ host: address, port, signal }));
      } catch (error) {
        last = error;
        if (signal.aborted) break;
      }
    }
    throw last;
  };

const opened = (socket: Socket): Promise<Socket> =>
  new Promise((resolve, reject) => {
    socket.once('connect', () => {
      socket.removeListener('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });

/** Through the SSH connection of a host: what answers is what that host reaches. Where sshd forbids forwards, by its nc. */
export const dialFromHost =
  (hosts: Hosts, alias: string): Dial =>
  async ({ host, port }, signal) => {
    try {
      return await untilAborted(hosts.connect(alias, { host, port }, { signal }), signal);
    } catch (error) {
      if (!isFlotillaError(error) || error.code !== 'UNSUPPORTED') throw error;
      return dialByCommand(hosts, alias, { host, port }, signal);
    }
  };

/** A host that is frozen opens nothing and refuses nothing: whoever waits must be able to leave. */
function untilAborted(opening: Promise<Duplex>, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    opening
      .then((stream) => {
        if (signal.aborted) stream.on('error', () => undefined).destroy();
        resolve(stream);
      }, reject)
      .finally(() => signal.removeEventListener('abort', leave));
  });
}

/** nc or bash copy the bytes; UNSUPPORTED stays UNSUPPORTED when the host has neither. */
async function dialByCommand(
  hosts: Hosts,
  alias: string,
  { host, port }: Address,
  signal: AbortSignal,
): Promise<Duplex> {
  const [name, number] = [quote(host), String(port)];
  const test = `if command -v nc >/dev/null 2>&1; then nc -z -w 8 ${name} ${number} </dev/null; elif command -v bash >/dev/null 2>&1; then bash -c 'exec 3<>/dev/tcp/"$1"/"$2"' sh ${name} ${number} 2>/dev/null; else exit 97; fi`;
  const probe = await hosts.shell(alias, test, { signal, timeoutMs: 15_000 });
  if (probe.exitCode === 97) throw await unsupported(hosts, alias, { host, port }, signal);
  if (probe.exitCode !== 0)
    throw new ProbeFailure('refused', 'nothing listens there, or it cannot be reached');
  const copy = `if command -v nc >/dev/null 2>&1; then exec nc ${name} ${number}; else exec bash -c 'exec 3<>/dev/tcp/"$1"/"$2"; cat <&3 & exec cat >&3' sh ${name} ${number}; fi`;
  return untilAborted(hosts.connect(alias, { command: copy }, { signal }), signal);
}

const unsupported = (hosts: Hosts, alias: string, to: Address, signal: AbortSignal): Promise<unknown> =>
  hosts.connect(alias, to, { signal }).then(
    (stream) => stream.destroy(),
    (error: unknown) => error,
  );
