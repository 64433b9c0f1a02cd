import { createRedactor } from '@flotilla/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const SECRET = 'p@ss w/rd+\'1"ü';
const KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\nAAAA\n-----END OPENSSH PRIVATE KEY-----';

describe('exact values', () => {
  const redactor = createRedactor({ values: [SECRET] });

  it.each([
    ['as it is', SECRET],
    ['in JSON', JSON.stringify({ password: SECRET })],
    ['in a URL', `https://u:${encodeURIComponent(SECRET)}@h/`],
    ['in a URL with small hex digits', encodeURIComponent(SECRET).replace(/%../g, (c) => c.toLowerCase())],
    ['in a form', encodeURIComponent(SECRET).replaceAll('%20', '+')],
    ['in shell quotes', `'${SECRET.replaceAll("'", "'\\''")}'`],
    ['in base64', Buffer.from(SECRET).toString('base64')],
    ['in base64 after a user name', Buffer.from(`admin:${SECRET}`).toString('base64')],
    ['in base64 after two bytes', Buffer.from(`ab${SECRET}xyz`).toString('base64')],
    ['in base64url after one byte', Buffer.from(`a${SECRET}`).toString('base64url')],
  ])('are masked %s', (_where, text) => {
    const masked = redactor.text(`before ${text} after`);
    expect(masked).toContain('[secret]');
    expect(masked).toMatch(/^before .*after$/);
    const decoded = Buffer.from(masked.replace('[secret]', ''), 'base64').toString();
    for (const form of [SECRET, SECRET.slice(2, -2)]) {
      expect(masked).not.toContain(form);
      expect(decoded).not.toContain(form);
    }
  });

  it('leave values under six characters and everything else alone', () => {
    const short = createRedactor({ values: ['abcde'] });
    expect(short.text('abcde')).toBe('abcde');
    expect(redactor.text('nothing to see')).toBe('nothing to see');
  });

  it('are masked in keys and values of data, numbers and null stay', () => {
    expect(redactor.value({ a: [SECRET, 1, null], [SECRET]: { b: true } })).toEqual({
      a: ['[secret]', 1, null],
      '[secret]': { b: true },
    });
  });

  it('change while they are used', () => {
    const changing = createRedactor();
    changing.add('first-secret');
    changing.add('first-secret');
    changing.remove('first-secret');
    expect(changing.text('first-secret')).toBe('[secret]');
    changing.remove('first-secret');
    expect(changing.text('first-secret')).toBe('first-secret');
    changing.replace(['second-secret']);
    expect(changing.text('first-secret second-secret')).toBe('first-secret [secret]');
  });

  it('prefer the longer of two that begin alike', () => {
    const two = createRedactor({ values: ['abcdef', 'abcdefgh'] });
    expect(two.text('abcdefgh')).toBe('[secret]');
  });
});

describe('streams', () => {
  const secrets = fc.uniqueArray(
    fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 6, maxLength: 12 }),
    {
      minLength: 1,
      maxLength: 4,
    },
  );
  const pieces = (values: string[]) =>
    fc.array(
      fc.oneof(fc.constantFrom(...values), fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-', '\n') })),
    );

  it('mask the same however a text is cut into chunks', () => {
    fc.assert(
      fc.property(
        secrets.chain((values) => fc.tuple(fc.constant(values), pieces(values), fc.array(fc.nat(9)))),
        ([values, parts, sizes]) => {
          const redactor = createRedactor({ values });
          const text = parts.join('');
          const stream = redactor.stream();
          let out = '';
          let rest = text;
          for (const size of sizes) {
            out += stream.push(rest.slice(0, size));
            rest = rest.slice(size);
          }
          out += stream.push(rest) + stream.end();
          expect(out).toBe(redactor.text(text));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('hold nothing back that cannot be the beginning of a secret', () => {
    const stream = createRedactor({ values: ['correct horse'] }).stream();
    expect(stream.push('Password: ')).toBe('Password: ');
    expect(stream.push('corre')).toBe('');
    expect(stream.push('ctly')).toBe('correctly');
  });

  it('mask private keys over chunk borders', () => {
    for (let size = 1; size < 40; size += 3) {
      const stream = createRedactor().stream();
      let out = '';
      const text = `x ${KEY} y ----- z`;
      for (let at = 0; at < text.length; at += size) out += stream.push(text.slice(at, at + size));
      expect(out + stream.end()).toBe('x [private key] y ----- z');
    }
  });

  it('stop hiding when a key never ends', () => {
    const stream = createRedactor().stream();
    let out = stream.push('-----BEGIN RSA PRIVATE KEY-----');
    for (let i = 0; i < 400; i++) out += stream.push(`${'A'.repeat(63)}\n`);
    out += stream.push('visible again');
    expect(out + stream.end()).toMatch(/^\[private key\][\s\S]*visible again$/);
  });
});

describe('what looks like a secret', () => {
  const redactor = createRedactor();

  it('masks private keys and authorization headers everywhere', () => {
    expect(redactor.text(`a ${KEY} b`)).toBe('a [private key] b');
    expect(redactor.text('-----BEGIN PRIVATE KEY-----\nAAAA')).toBe('[private key]');
    expect(redactor.text('> Authorization: Bearer abc.def')).toBe('> Authorization: Bearer [secret]');
    expect(redactor.text('authorization: basic Zm9v, x')).toBe('authorization: basic [secret], x');
  });

  it('masks assignments in the log only, and leaves its JSON whole', () => {
    const line = JSON.stringify({
      level: 30,
      password: 'hunter22',
      msg: 'token=abcdef api_key: "xyz123" ok',
    });
    expect(redactor.text(line)).toBe(line);
    const masked = redactor.log(line);
    expect(masked).not.toMatch(/hunter22|abcdef|xyz123/);
    expect(JSON.parse(masked)).toMatchObject({ level: 30, password: '[secret]' });
  });
});
