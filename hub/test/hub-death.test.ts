import { tempDir, waitFor } from '@flotilla/testkit';
import { expect, test } from 'vitest';
import { isAlive, startFixture } from './support/processes.ts';
import { notesIn } from './support/raw.ts';

test('kill -9 of the hub leaves no child: they end at the end of their stdin', async () => {
  const folder = tempDir('hub-death');
  const notes = notesIn(folder.path, 'notes');
  const hub = await startFixture('ready', 'hub-main.ts', 'plain', notes.path);
  const [pid] = notes.pids() as [number];
  expect(isAlive(pid)).toBe(true);
  await hub.kill();
  await waitFor(() => !isAlive(pid));
  expect(notes.read()).toContain('stdin closed');
  folder.remove();
});
