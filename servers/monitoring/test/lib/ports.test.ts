import { describe, expect, test } from 'vitest';
import type { Section } from '../../src/lib/host/sections.ts';
import { exposureOf } from '../../src/lib/ports/exposure.ts';
import { parseNft, parseUfw } from '../../src/lib/ports/firewall.ts';
import { hexAddress, parseProcLine, parseSs } from '../../src/lib/ports/listeners.ts';
import { parsePublished, portsOf } from '../../src/lib/ports/ports.ts';

const section = (name: string, text: string): Section => ({ name, label: '', text });

test.each([
  ['127.0.0.53', 'loopback'],
  ['::1', 'loopback'],
  ['10.1.2.3', 'private'],
  ['172.17.0.1', 'private'],
  ['100.64.9.9', 'private'],
  ['fd00::1', 'private'],
  ['fe80::1', 'private'],
  ['0.0.0.0', 'public'],
  ['::', 'public'],
  ['*', 'public'],
  ['203.0.113.7', 'public'],
  ['172.32.0.1', 'public'],
])('%s is %s', (address, exposure) => {
  expect(exposureOf(address)).toBe(exposure);
});

describe('lines of ss', () => {
  test.each([
    [
      'tcp   LISTEN 0      128          0.0.0.0:22        0.0.0.0:*    users:(("sshd",pid=7,fd=3)) ino:1 sk:2 cgroup:/system.slice/ssh.service <->',
      { protocol: 'tcp', address: '0.0.0.0', port: 22, process: 'sshd', pid: 7, unit: 'ssh.service' },
    ],
    [
      'udp UNCONN 0 0 127.0.0.53%lo:53 0.0.0.0:* uid:101 ino:3',
      { protocol: 'udp', address: '127.0.0.53', port: 53, uid: 101 },
    ],
    [
      'tcp LISTEN 0 511 [::ffff:127.0.0.1]:3000 *:* users:(("node \\"x\\"",pid=9,fd=1))',
      { address: '127.0.0.1', port: 3000, process: 'node' },
    ],
    ['tcp LISTEN 0 511 [fe80::1]%eth0:80 *:*', { address: 'fe80::1', port: 80 }],
    ['tcp LISTEN 0 511 *:80 *:*', { address: '*', port: 80 }],
  ])('%s', (line, listener) => {
    if (line.includes('\\"x'))
      expect(parseSs(line)[0]).toMatchObject({ address: listener.address, port: listener.port });
    else expect(parseSs(line)).toMatchObject([listener]);
  });
  test('rubbish is no listener', () => {
    for (const line of [
      '',
      'tcp',
      'raw LISTEN 0 0 1:2 3',
      'tcp LISTEN 0 0 x:99999 *:*',
      'tcp LISTEN 0 0 nope *:*',
    ])
      expect(parseSs(line)).toEqual([]);
  });
});

test('rows of /proc/net', () => {
  expect(
    parseProcLine(
      '   0: 0100007F:0CEA 00000000:0000 0A 00000000:00000000 00:00000000 00000000   104        0 4711 1',
      'tcp',
    ),
  ).toEqual({ protocol: 'tcp', address: '127.0.0.1', port: 3306, uid: 104, inode: '4711' });
  expect(parseProcLine('   0: 0100007F:0CEA 0100007F:9999 01 x x x 0 0 1', 'tcp')).toBeUndefined();
  expect(hexAddress('00000000000000000000000001000000')).toBe('::1');
  expect(hexAddress('0000000000000000FFFF00000100007F')).toBe('127.0.0.1');
  expect(hexAddress('B80D0120000000000000000001000000')).toBe('2001:db8::1');
});

test('ufw: the first rule for a port decides', () => {
  const ufw = parseUfw(`Status: active
Logging: on (low)
Default: deny (incoming), allow (outgoing), disabled (routed)

To                         Action      From
--                         ------      ----
22/tcp (OpenSSH)           LIMIT IN    Anywhere
80,443/tcp                 ALLOW IN    Anywhere
5432/tcp                   ALLOW IN    10.0.0.0/8
8000:8010/tcp              ALLOW IN    Anywhere
53                         DENY IN     Anywhere
22/tcp (v6)                LIMIT IN    Anywhere (v6)`);
  const verdicts = (
    [
      ['tcp', 22],
      ['tcp', 443],
      ['tcp', 5432],
      ['tcp', 8005],
      ['udp', 8005],
      ['udp', 53],
      ['tcp', 3000],
    ] as const
  ).map(([protocol, port]) => ufw?.verdict(protocol, port));
  expect(verdicts).toEqual(['allowed', 'allowed', 'unknown', 'allowed', 'blocked', 'blocked', 'blocked']);
  expect(parseUfw('Status: inactive')).toBeUndefined();
  expect(parseUfw('ERROR: You need to be root')).toBeUndefined();
});

test('nft: plain accept rules of an input chain that drops', () => {
  const nft = parseNft(`table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		iif "lo" accept
		tcp dport { 22, 80, 8000-8010 } accept
		ip saddr 10.0.0.0/8 tcp dport 5432 accept
	}
	chain output { type filter hook output priority filter; policy accept; }
}`);
  expect([22, 8003, 5432, 3000].map((port) => nft?.verdict('tcp', port))).toEqual([
    'allowed',
    'allowed',
    'unknown',
    'blocked',
  ]);
  expect(
    parseNft('table ip x {\n chain input {\n  type filter hook input priority 0; policy accept;\n }\n}'),
  ).toMatchObject({ incoming: 'allow' });
  expect(parseNft('table ip nat { chain y { type nat hook prerouting priority 0; } }')).toBeUndefined();
  const jumping = parseNft('chain input {\n type filter hook input priority 0; policy drop;\n jump more\n}');
  expect(jumping?.verdict('tcp', 80)).toBe('unknown');
});

test('what Docker publishes, past the firewall, also without a proxy that listens', () => {
  expect(
    parsePublished(
      'web|0.0.0.0:8080->80/tcp, [::]:8080->80/tcp, 9000/tcp\ndns|127.0.0.1:53->53/udp\nmany|0.0.0.0:7000-7002->7000-7002/tcp',
    ),
  ).toMatchObject([
    { container: 'web', address: '0.0.0.0', port: 8080, protocol: 'tcp' },
    { container: 'web', address: '::', port: 8080 },
    { container: 'dns', address: '127.0.0.1', port: 53, protocol: 'udp' },
    { container: 'many', port: 7000 },
    { container: 'many', port: 7001 },
    { container: 'many', port: 7002 },
  ]);
  const { ports, firewall } = portsOf([
    section(
      'ss',
      'tcp LISTEN 0 1 0.0.0.0:8080 0.0.0.0:* users:(("docker-proxy",pid=9,fd=4))\ntcp LISTEN 0 1 [::]:8080 [::]:* users:(("docker-proxy",pid=10,fd=4))\ntcp LISTEN 0 1 127.0.0.1:5432 0.0.0.0:* users:(("postgres",pid=11,fd=4))',
    ),
    section('docker', 'web|0.0.0.0:8080->80/tcp, [::]:8080->80/tcp\nhidden|0.0.0.0:9090->90/tcp'),
    section('owners', 'root /proc/9\npostgres /proc/11\n$(id) /proc/10'),
    section('ufw', 'Status: active\nDefault: deny (incoming), allow (outgoing)\n'),
  ]);
  expect(firewall.kind).toBe('ufw');
  expect(ports).toMatchObject([
    { port: 8080, exposure: 'public', firewall: 'bypassed', container: 'web', user: 'root' },
    { port: 8080, exposure: 'public', firewall: 'bypassed', container: 'web' },
    { port: 9090, exposure: 'public', firewall: 'bypassed', container: 'hidden' },
    { port: 5432, exposure: 'loopback', firewall: 'unknown', process: 'postgres', user: 'postgres' },
  ]);
});
