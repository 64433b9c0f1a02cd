import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StateStore } from '@flotilla/store';
import { onTestFinished } from 'vitest';
import { createInventory, type Inventory, inventoryPart, openVault, type Vault } from '../src/index.ts';

export interface Opened {
  folder: string;
  store: StateStore;
  vault: Vault;
  inventory: Inventory;
}

export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-inventory-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function openStore(folder: string): StateStore {
  const store = StateStore.open({ file: join(folder, 'state.sqlite'), parts: [inventoryPart] });
  onTestFinished(() => store.close());
  return store;
}

/** A data folder of its own, or a second opening of the given one. */
export async function open(folder = tempFolder(), agentSocket?: string): Promise<Opened> {
  const store = openStore(folder);
  const vault = await openVault({ store, dataDir: folder });
  const inventory = createInventory({ store, cipher: vault.cipher, agentSocket });
  return { folder, store, vault, inventory };
}

/** Every byte under a folder, as latin1 text, but SQLite's lock table. */
export function allBytes(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile() && !file.endsWith('-shm'))
    .map((file) => readFileSync(file, 'latin1'))
    .join('\n');
}

export const web1 = { alias: 'web1', host: '203.0.113.7', user: 'deploy' };
export const person = { person: true };
export const assistant = { person: false };
