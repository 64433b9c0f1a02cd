import { expect, test } from 'vitest';
import { files, read, root } from './sources.ts';

test('no file names an absolute path of the machine it was written on', () => {
  const wrong = files().filter((file) => read(file).includes(root));
  expect(wrong).toEqual([]);
});

test('the tests run on the Node that is shipped', () => {
  const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: { node: string } };
  expect(process.version).toBe(`v${devDependencies.node}`);
});
