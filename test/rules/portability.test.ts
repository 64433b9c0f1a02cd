import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { files, read, root } from './sources.ts';

test('no file names an absolute path of the machine it was written on', () => {
  const here = `${dirname(root.replace(/\/$/, ''))}/`;
  const wrong = files().filter((file) => here.length > 2 && read(file).includes(here));
  expect(wrong).toEqual([]);
});

test('the tests run on the Node that is shipped', () => {
  const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: { node: string } };
  expect(process.version).toBe(`v${devDependencies.node}`);
});
