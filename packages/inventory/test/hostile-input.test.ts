import { isFlotillaError } from '@flotilla/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HostInput } from '../src/index.ts';
import { open, person, web1 } from './temp-vault.ts';

const NASTY = [
  '',
  ' ',
  '\0',
  'a\nb',
  'a\rb',
  '-x',
  '--',
  '$(id)',
  '`id`',
  'a;b',
  'a|b',
  '../..',
  '/etc/passwd',
  '*',
  "'",
  '"',
  '%s%n',
  '\u202Eabc',
  '\u001b[31m',
  'é'.repeat(100),
  '__proto__',
  'constructor',
  'x'.repeat(1_000_000),
];
const nasty = fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary' }));
const TEXT_FIELDS = [
  'alias',
  'host',
  'user',
  'keyPath',
  'password',
  'jump',
  'hostKey',
  'env',
  'agent',
] as const;

test('any text in any field is refused by name or kept exactly', async () => {
  const { inventory } = await open();
  let n = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...TEXT_FIELDS), nasty, async (field, text) => {
      const input: HostInput = { ...web1, alias: `h${n++}`, [field]: text };
      const saved = await inventory.save(input, person).catch((error: unknown) => error);
      if (isFlotillaError(saved)) {
        expect(['INVALID_INPUT', 'NOT_FOUND']).toContain(saved.code);
        expect(saved.message.length).toBeLessThan(500);
        expect(JSON.stringify(saved.details).length).toBeLessThan(5_000);
        return;
      }
      const record = { ...inventory.get(input.alias), ...inventory.record(input.alias) };
      const kept = { ...record, agent: record.agent, hostKey: record.hostKeys[0]?.fingerprint };
      expect(kept[field]).toBe(text);
    }),
    { numRuns: 400 },
  );
});

test('nothing that could become an option or a shell word gets into an address or a name', async () => {
  const { inventory } = await open();
  for (const text of NASTY.filter((one) => !['__proto__', 'constructor', 'é'.repeat(100)].includes(one))) {
    for (const field of ['alias', 'host', 'user'] as const) {
      await expect(inventory.save({ ...web1, [field]: text }, person)).rejects.toMatchObject({
        code: 'INVALID_INPUT',
      });
    }
  }
  expect(inventory.list()).toEqual([]);
});

test('wrong types and unknown fields are refused', async () => {
  const { inventory } = await open();
  const wrong: Record<string, unknown>[] = [
    { port: '22' },
    { port: 22.5 },
    { port: Number.NaN },
    { groups: 'web' },
    { groups: ['a b'] },
    { tags: [1] },
    { readonly: 'yes' },
    { sudo: 'always' },
    { transport: 'telnet' },
    { hostKey: [{ type: 'x' }] },
    { unknown: 1 },
  ];
  for (const more of wrong) {
    const input = { ...web1, ...more } as HostInput;
    await expect(inventory.save(input, person), JSON.stringify(more)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
  }
});

test('a thousand hosts are listed, resolved and looked up in no time worth speaking of', async () => {
  const { inventory } = await open();
  const hosts = Array.from({ length: 1_000 }, (_, n) => ({
    ...web1,
    alias: `h${n}`,
    password: `password-${n}`,
    tags: [`t${n % 7}`],
    groups: ['all-of-them'],
  }));
  await inventory.saveAll(hosts, person);
  expect(inventory.resolve('all')).toHaveLength(1_000);
  expect(inventory.resolve('group:all-of-them')).toHaveLength(1_000);
  expect(inventory.resolve('tag:t3')).toHaveLength(143);
  expect(inventory.secretValues()).toHaveLength(1_000);
  expect(inventory.record('h999').password).toBe('password-999');
});
