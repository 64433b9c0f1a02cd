import { FlotillaError } from '@flotilla/core';
import { expect, test } from 'vitest';
import { addressPolicy } from '../../src/lib/probe/address-policy.ts';

const policy = addressPolicy([]);

test.each([
  '127.0.0.1',
  '127.8.8.8',
  '0.0.0.0',
  '169.254.169.254',
  '100.100.100.200',
  '168.63.129.16',
  '224.0.0.1',
  '255.255.255.255',
  '::1',
  '::',
  'fe80::1',
  'fe80::1%eth0',
  'fd00:ec2::254',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '0:0:0:0:0:ffff:a9fe:a9fe',
  '64:ff9b::7f00:1',
  '64:ff9b::169.254.169.254',
  'not an address',
])('the hub does not connect to %s', (address) => {
  expect(policy(address)).toBe(false);
});

test.each([
  '203.0.113.7',
  '10.0.0.7',
  '192.168.1.1',
  '2001:db8::1',
  'fd12::1',
  '::ffff:203.0.113.7',
  '64:ff9b::203.0.113.7',
])('it may connect to %s', (address) => {
  expect(policy(address)).toBe(true);
});

test('the config allows exceptions, and no more than it says', () => {
  const some = addressPolicy(['127.0.0.1', '169.254.10.0/24']);
  expect(['127.0.0.1', '::ffff:127.0.0.1', '169.254.10.9'].every(some)).toBe(true);
  expect(['127.0.0.2', '::1', '169.254.169.254'].some(some)).toBe(false);
  for (const wrong of ['localhost', '10.0.0.0/33', '10.0.0.0/x'])
    expect(() => addressPolicy([wrong])).toThrow(FlotillaError);
});
