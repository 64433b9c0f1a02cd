import { execFileSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@flotilla/testkit';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { sshString } from '../../src/keys/openssh-format.ts';
import { listedName, matchesNames } from '../../src/known-hosts/match-names.ts';
import { parseKnownHosts } from '../../src/known-hosts/parse.ts';
import { keysOf, typesOf, verdictOf } from '../../src/known-hosts/verdict.ts';

const folder = tempDir();
afterAll(() => folder.remove());

const blobOf = (type = 'ssh-ed25519', body = randomBytes(32)): Buffer =>
  Buffer.concat([sshString(type), sshString(body)]);
const lineOf = (names: string, blob: Buffer, type = 'ssh-ed25519'): string =>
  `${names} ${type} ${blob.toString('base64')}`;
const verdict = (text: string, host: string, port: number, blob: Buffer) =>
  verdictOf(keysOf(parseKnownHosts(text), host, port), blob);

const hostName = fc.stringMatching(/^[a-z0-9](?:[a-z0-9.-]{0,20}[a-z0-9])?$/);
const key = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => blobOf('ssh-ed25519', Buffer.from(bytes)));
const port = fc.integer({ min: 1, max: 65_535 });

const hashed = (name: string): string => {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
};

test('a listed key is known, in plain and in hashed form, any other key is refused', () => {
  fc.assert(
    fc.property(hostName, port, key, key, fc.boolean(), (host, at, listed, other, hash) => {
      const name = listedName(host, at);
      const text = `${lineOf(hash ? hashed(name) : name, listed)}\n`;
      expect(verdict(text, host, at, listed).kind).toBe('known');
      expect(verdict(text, host.toUpperCase(), at, listed).kind).toBe('known');
      if (!other.equals(listed)) expect(verdict(text, host, at, other).kind).toBe('other');
      expect(verdict(text, `x${host}`, at, listed).kind).toBe('unknown');
    }),
  );
});

test('whatever surrounds an entry, it still counts; nothing else makes a key known', () => {
  const junk = fc.oneof(
    fc.string().filter((text) => !text.includes('\n')),
    fc.constantFrom(
      '# comment',
      '',
      '|1|x|y ssh-rsa AAAA',
      '@cert-authority * ssh-rsa AAAA',
      '@odd a b c',
      'a,b',
    ),
  );
  fc.assert(
    fc.property(fc.array(junk), fc.array(junk), hostName, key, (before, after, host, blob) => {
      const without = [...before, ...after].join('\n');
      expect(verdict(without, host, 22, blob).kind).toBe('unknown');
      const text = [...before, lineOf(host, blob), ...after].join('\n');
      expect(verdict(text, host, 22, blob).kind).toBe('known');
    }),
  );
});

test('a file of CRLF lines and of tabs is read too', () => {
  const blob = blobOf();
  expect(verdict(lineOf('web', blob).replaceAll(' ', '\t').concat('\r\n'), 'web', 22, blob).kind).toBe(
    'known',
  );
});

test('patterns match as a plain regular expression would, negation wins', () => {
  const pattern = fc.stringMatching(/^[ab*?]{1,12}$/);
  fc.assert(
    fc.property(pattern, fc.stringMatching(/^[ab]{0,12}$/), (glob, name) => {
      const source = [...glob].map((char) => (char === '*' ? '.*' : char === '?' ? '.' : char)).join('');
      const expected = new RegExp(`^${source}$`).test(name);
      expect(matchesNames(glob, name)).toBe(expected);
      expect(matchesNames(`*,!${glob}`, name)).toBe(!expected);
    }),
  );
});

test('a pattern made to be slow is not', () => {
  expect(matchesNames(`${'*a'.repeat(500)}b`, 'a'.repeat(5_000))).toBe(false);
});

test('a revoked key is refused even when it is listed', () => {
  const blob = blobOf();
  const text = `${lineOf('web', blob)}\n@revoked ${lineOf('*', blob)}\n`;
  expect(verdict(text, 'web', 22, blob)).toEqual({ kind: 'revoked', line: 2 });
  expect(verdict(text, 'web', 2222, blob)).toEqual({ kind: 'revoked', line: 2 });
});

test('a certificate authority neither vouches for a key nor contradicts one', () => {
  const blob = blobOf();
  expect(verdict(`@cert-authority ${lineOf('*', blob)}\n`, 'web', 22, blob).kind).toBe('unknown');
  expect(verdict(`@cert-authority ${lineOf('*', blob)}\n`, 'web', 22, blobOf()).kind).toBe('unknown');
});

test('an entry without port counts for another port only when it agrees', () => {
  const blob = blobOf();
  const text = lineOf('web', blob);
  expect(verdict(text, 'web', 2222, blob).kind).toBe('known');
  expect(verdict(text, 'web', 2222, blobOf()).kind).toBe('unknown');
  expect(typesOf(keysOf(parseKnownHosts(text), 'web', 2222))).toEqual(['ssh-ed25519']);
});

test('a key of another type than the known ones is another key', () => {
  const rsa = blobOf('ssh-rsa');
  const result = verdict(lineOf('web', rsa, 'ssh-rsa'), 'web', 22, blobOf());
  expect(result).toMatchObject({ kind: 'other', line: 1, known: [{ type: 'ssh-rsa' }] });
});

test('ssh-keygen finds and hashes what we find', () => {
  const blob = blobOf();
  const path = join(folder.path, 'known_hosts');
  writeFileSync(path, `${lineOf('web.example,10.0.0.1', blob)}\n${lineOf('[db]:2222', blob)}\n`);
  execFileSync('ssh-keygen', ['-H', '-f', path], { stdio: 'ignore' });
  const text = readFileSync(path, 'utf8');
  expect(text).not.toContain('web');
  for (const [host, at] of [
    ['web.example', 22],
    ['10.0.0.1', 22],
    ['db', 2222],
  ] as const)
    expect(verdict(text, host, at, blob).kind).toBe('known');
  expect(verdict(text, 'db', 22, blob).kind).toBe('unknown');
});
