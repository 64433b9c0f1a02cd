// Writes a plan as a whole or not at all.
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Returns what puts everything back as it was. */
export function writePlan(root, { files, links }) {
  const undo = [];
  const revert = () => {
    for (const step of undo.splice(0).reverse()) step();
  };
  const makeFolder = (path) => {
    if (existsSync(path)) return;
    makeFolder(dirname(path));
    mkdirSync(path);
    undo.push(() => {
      rmSync(join(path, 'node_modules'), { recursive: true, force: true });
      rmdirSync(path);
    });
  };
  try {
    for (const [name, content] of Object.entries(files)) {
      const path = join(root, name);
      makeFolder(dirname(path));
      const before = existsSync(path) ? readFileSync(path) : undefined;
      undo.push(() => (before === undefined ? rmSync(path, { force: true }) : writeFileSync(path, before)));
      writeFileSync(path, content);
    }
    for (const [name, target] of Object.entries(links)) {
      const path = join(root, name);
      makeFolder(dirname(path));
      symlinkSync(target, path);
      undo.push(() => rmSync(path));
    }
  } catch (error) {
    revert();
    throw error;
  }
  return revert;
}
