import type { Dirent, Stats } from 'node:fs';
import { lstatSync, readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { localError } from './local-error.ts';
import { LocalFolder } from './local-folder.ts';
import type { BytePath, LocalRoots, Purpose } from './local-roots.ts';

const MAX_OPEN = 64;

export interface LocalEntry {
  name: BytePath;
  stat: Stats;
}

/** A folder and what is below it, reached from the open root without following any symlink. */
export class LocalTree {
  readonly root: LocalFolder;
  private readonly purpose: Purpose;
  /** Least recently used first. */
  private readonly open = new Map<string, { folder: Promise<LocalFolder>; users: number }>();

  constructor(root: LocalFolder, purpose: Purpose) {
    this.root = root;
    this.purpose = purpose;
  }

  static async at(roots: LocalRoots, real: BytePath, purpose: Purpose): Promise<LocalTree> {
    return new LocalTree(await LocalFolder.open(roots, real, purpose), purpose);
  }

  /** Runs `work` with the folder at a relative path (`.` = the root) held open; `make` creates what is missing. */
  async within<T>(
    relative: BytePath,
    work: (folder: LocalFolder) => Promise<T> | T,
    make = false,
  ): Promise<T> {
    if (relative === '.' || relative === '') return work(this.root);
    const found = this.open.get(relative);
    const entry = found ?? { folder: this.enter(relative, make), users: 0 };
    this.open.delete(relative);
    this.open.set(relative, entry);
    entry.users++;
    try {
      return await work(await entry.folder);
    } catch (error) {
      if (await failed(entry.folder)) this.open.delete(relative);
      throw error;
    } finally {
      entry.users--;
      await this.trim();
    }
  }

  /** Entries of a folder, sorted by name, symlinks not followed. */
  async entries(relative: BytePath): Promise<LocalEntry[]> {
    return this.within(relative, (folder) => {
      try {
        const found: Dirent<Buffer>[] = readdirSync(folder.self, { withFileTypes: true, encoding: 'buffer' });
        return found
          .map((entry) => entry.name.toString('latin1'))
          .sort()
          .flatMap((name) => {
            const stat = lstatSync(folder.at(name), { throwIfNoEntry: false });
            return stat ? [{ name, stat }] : [];
          });
      } catch (error) {
        throw localError(error, folder.path, 'Listing');
      }
    });
  }

  async close(): Promise<void> {
    const folders = [...this.open.values()].map((entry) => entry.folder);
    this.open.clear();
    for (const folder of folders) await folder.then((opened) => opened.close()).catch(() => {});
    await this.root.close();
  }

  private enter(relative: BytePath, make: boolean): Promise<LocalFolder> {
    const name = posix.basename(relative);
    return this.within(
      posix.dirname(relative),
      (parent) => (make ? parent.makeChild(name) : parent.child(name, this.purpose)),
      make,
    );
  }

  private async trim(): Promise<void> {
    if (this.open.size <= MAX_OPEN) return;
    for (const [relative, entry] of this.open) {
      if (entry.users > 0) continue;
      this.open.delete(relative);
      await entry.folder.then((folder) => folder.close()).catch(() => {});
      if (this.open.size <= MAX_OPEN) return;
    }
  }
}

async function failed(folder: Promise<LocalFolder>): Promise<boolean> {
  return folder.then(
    () => false,
    () => true,
  );
}
