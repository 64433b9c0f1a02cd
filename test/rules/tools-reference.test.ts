import { expect, test } from 'vitest';
import { startHub, testHome } from '../support/hub.ts';
import { toolsReference } from '../support/tools-reference.ts';
import { read } from './sources.ts';

test('docs/tools.md is what the tool objects say; npm run docs writes it', async () => {
  const home = testHome();
  const hub = await startHub(home);
  const { tools } = await hub.client.listTools();
  await hub.close();
  home.remove();
  expect(read('docs/tools.md')).toBe(toolsReference(tools));
});
