import { BlockList, isIP } from 'node:net';
import { FlotillaError } from '@flotilla/core';

const FORBIDDEN: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  // Link-local, with the metadata service of most clouds.
  ['169.254.0.0', 16, 'ipv4'],
  // Metadata of Alibaba Cloud, the wire server of Azure.
  ['100.100.100.200', 32, 'ipv4'],
  ['168.63.129.16', 32, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 127, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  // Metadata of AWS over IPv6.
  ['fd00:ec2::', 32, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
];

const forbidden = new BlockList();
for (const [net, bits, family] of FORBIDDEN) forbidden.addSubnet(net, bits, family);

/** May the hub itself connect to this address? The hosts are not asked: what they may reach is theirs to say. */
export type AddressPolicy = (address: string) => boolean;

/**
 * Everything but the hub's own machine, link-local and metadata addresses: a caller must not reach through the hub what
 * trusts it. `allowed` (addresses or networks, from the config) are exceptions. INVALID_INPUT for what is no address.
 */
export function addressPolicy(allowed: readonly string[]): AddressPolicy {
  const exceptions = new BlockList();
  for (const entry of allowed) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address);
    const most = family === 6 ? 128 : 32;
    const length = bits === undefined ? most : Number(bits);
    if (family === 0 || !Number.isInteger(length) || length < 0 || length > most) {
      throw new FlotillaError(
        'INVALID_INPUT',
        'servers.monitoring.hubMayReach holds something that is no address.',
        {
          details: { entry },
          hint: 'Write addresses or networks, e.g. 127.0.0.1 or 127.0.0.0/8.',
        },
      );
    }
    exceptions.addSubnet(address, length, family === 6 ? 'ipv6' : 'ipv4');
  }
  return (address) => {
    const plain = embedded(address.replace(/%.*$/, ''));
    const family = isIP(plain);
    if (family === 0) return false;
    const type = family === 6 ? 'ipv6' : 'ipv4';
    return exceptions.check(plain, type) || !forbidden.check(plain, type);
  };
}

/** The IPv4 address within a mapped (RFC 4291) or translated (RFC 6052) one. */
function embedded(address: string): string {
  if (isIP(address) !== 6) return address;
  const groups = expand(address);
  const head = groups.slice(0, 6).join(':');
  if (head !== '0:0:0:0:0:65535' && head !== '100:65435:0:0:0:0') return address;
  const [high = 0, low = 0] = groups.slice(6);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** The eight groups of an IPv6 address as numbers. */
function expand(address: string): number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const hex = (a = '0', b = '0'): string => ((Number(a) << 8) | Number(b)).toString(16);
  const plain = dotted ? `${dotted[1]}${hex(dotted[2], dotted[3])}:${hex(dotted[4], dotted[5])}` : address;
  const [left = '', right] = plain.split('::');
  const words = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  if (right === undefined) return words(left);
  const [before, after] = [words(left), words(right)];
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}
