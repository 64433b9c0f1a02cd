import { existsSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { tempDir, waitFor } from '../src/index.ts';

test('waitFor resolves with the value once it is there', async () => {
  let calls = 0;
  expect(await waitFor(() => (++calls > 3 ? 'there' : ''))).toBe('there');
});

test('waitFor names what did not come', async () => {
  await expect(waitFor(() => false, { timeoutMs: 30, what: 'the moon' })).rejects.toThrow('the moon');
});

test('tempDir makes a private folder and removes it with its contents', () => {
  const folder = tempDir();
  expect(statSync(folder.path).mode & 0o777).toBe(0o700);
  folder.remove();
  expect(existsSync(folder.path)).toBe(false);
});
