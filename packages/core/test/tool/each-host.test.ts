import { expect, test } from 'vitest';
import {
  eachHost,
  FlotillaError,
  type Hosts,
  rowsText,
  type ToolContext,
  targetText,
} from '../../src/index.ts';

const context = (aliases: string[]) =>
  ({
    hosts: { resolve: () => aliases.map((alias) => ({ alias })) } as unknown as Hosts,
    signal: new AbortController().signal,
  }) as Pick<ToolContext, 'hosts' | 'signal'>;

const look = async (alias: string): Promise<{ load: number }> => {
  if (alias === 'bad') throw new FlotillaError('DENIED', 'No.');
  return { load: 1 };
};

test('one host that is named fails as a whole; of several, or of a group of one, each has its row', async () => {
  await expect(eachHost(context(['bad']), { alias: 'bad' }, look)).rejects.toMatchObject({ code: 'DENIED' });
  expect(await eachHost(context(['good']), { alias: 'good' }, look)).toEqual([
    { alias: 'good', state: 'ok', load: 1 },
  ]);
  expect(await eachHost(context(['bad']), { alias: 'group:x' }, look)).toMatchObject([{ state: 'failed' }]);
  const rows = await eachHost(context(['bad', 'good']), { alias: ['bad', 'good'] }, look);
  expect(rows).toMatchObject([
    { alias: 'bad', error: { code: 'DENIED' } },
    { alias: 'good', load: 1 },
  ]);
  expect(rowsText<{ load: number }>(rows, ({ alias, load }) => `${alias} ${load}`)).toMatch(
    /^bad: DENIED: No\. .*\ngood 1$/,
  );
});

test('a target as words stays short', () => {
  expect(targetText('all')).toBe('all');
  expect(targetText(['a', 'b', 'c'])).toBe('a, b, c');
  expect(targetText(['a', 'b', 'c', 'd'])).toBe('a, b and 2 more');
});
