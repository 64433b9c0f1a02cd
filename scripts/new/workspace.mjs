// What the repository has already.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const foldersIn = (root, kind) =>
  existsSync(join(root, kind))
    ? readdirSync(join(root, kind)).filter((name) => existsSync(join(root, kind, name, 'package.json')))
    : [];

export const serverNames = (root) => foldersIn(root, 'servers');

/** Names of all workspace packages, without their scope. */
export function packageNames(root) {
  const folders = ['packages', 'servers', 'templates'].flatMap((kind) =>
    foldersIn(root, kind).map((name) => join(kind, name)),
  );
  return [...folders, 'hub', 'test', 'bench'].flatMap((folder) => {
    const file = join(root, folder, 'package.json');
    return existsSync(file) ? [JSON.parse(readFileSync(file, 'utf8')).name.replace('@flotilla/', '')] : [];
  });
}

/** Tool name → the file that defines it, over the servers and the tools that every front end has. */
export function toolNames(root) {
  const found = new Map();
  const visit = (folder) => {
    if (!existsSync(join(root, folder))) return;
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) visit(path);
      if (!entry.name.endsWith('.ts')) continue;
      const source = readFileSync(join(root, path), 'utf8');
      for (const [, name] of source.matchAll(/defineTool\(\{\s*name: '([a-z0-9_]+)'/g)) found.set(name, path);
    }
  };
  visit('packages/fleet/src');
  for (const server of serverNames(root)) visit(`servers/${server}/src`);
  return found;
}
