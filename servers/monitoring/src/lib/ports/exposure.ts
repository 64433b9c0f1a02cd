import { BlockList, isIP } from 'node:net';

export type Exposure = 'loopback' | 'private' | 'public';

const PRIVATE = new BlockList();
for (const [net, bits] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
] as const)
  PRIVATE.addSubnet(net, bits, 'ipv4');
PRIVATE.addSubnet('fc00::', 7, 'ipv6');
PRIVATE.addSubnet('fe80::', 10, 'ipv6');

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/**
 * Who can reach a listener by its address alone: this machine, private networks (RFC 1918, 4193, 6598, link-local), or
 * anybody. Every address (`0.0.0.0`, `::`, `*`) counts as public: what is in front of the host is not known.
 */
export function exposureOf(address: string): Exposure {
  const family = isIP(address);
  if (family === 0) return 'public';
  const type = family === 6 ? 'ipv6' : 'ipv4';
  if (LOOPBACK.check(address, type)) return 'loopback';
  return PRIVATE.check(address, type) ? 'private' : 'public';
}
