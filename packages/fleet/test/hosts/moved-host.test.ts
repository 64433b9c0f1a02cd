import { join } from 'node:path';
import { silentLogger } from '@flotilla/core';
import { createCipher, createInventory, inventoryPart } from '@flotilla/inventory';
import { createHostLinks, createShell } from '@flotilla/ssh';
import { StateStore } from '@flotilla/store';
import { startSshd, tempDir } from '@flotilla/testkit';
import { expect, test } from 'vitest';

/** What a process has: an opening of the shared state file, its own connections, its own warm shells. */
function openProcess(folder: string) {
  const store = StateStore.open({ file: join(folder, 'state.sqlite'), parts: [inventoryPart] });
  const inventory = createInventory({ store, cipher: createCipher(Buffer.alloc(32, 1)) });
  const links = createHostLinks({ directory: inventory, log: silentLogger });
  const shell = createShell({ links, directory: inventory, log: silentLogger });
  return {
    inventory,
    /** The port of the sshd that runs the script. */
    where: async (alias: string) =>
      (await shell(alias, 'echo "$SSH_CONNECTION"')).stdout.trim().split(' ')[3],
    close: async () => {
      await links.close();
      await store.close();
    },
  };
}

test('when another process moves an alias, the next command goes to the new machine', async () => {
  const folder = tempDir('flotilla-moved-');
  const [before, after] = [await startSshd(), await startSshd()];
  const [mine, other] = [openProcess(folder.path), openProcess(folder.path)];
  try {
    const { host, user, keyPath } = before;
    await mine.inventory.save({ alias: 'web1', host, user, port: before.port, keyPath }, { person: true });
    expect(await mine.where('web1')).toBe(String(before.port));
    await other.inventory.save({ alias: 'web1', port: after.port, keyPath: after.keyPath }, { person: true });
    expect(await mine.where('web1')).toBe(String(after.port));
  } finally {
    await Promise.all([mine.close(), other.close()]);
    await Promise.all([before.stop(), after.stop()]);
    folder.remove();
  }
});
