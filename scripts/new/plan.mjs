// Everything a call of the generator changes, decided before the first byte is written.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { camel, checkServerName, checkToolName, dashes, Refusal } from './names.mjs';
import { serverFiles, toolFiles } from './template.mjs';
import { packageNames, serverNames, toolNames } from './workspace.mjs';

/** `{files: {path: content}, links: {path: target}}`, relative to the root. */
export function planServer(root, name, { example }) {
  checkServerName(name);
  if (packageNames(root).includes(name) || ['fleet', 'hub'].includes(name))
    throw new Refusal(`There is a package called ${name} already.`);
  const made = serverFiles(root, name, example);
  const tools = Object.values(made).flatMap((source) => [
    ...source.matchAll(/^ {2}name: '([a-z0-9_]+)',$/gm),
  ]);
  const known = toolNames(root);
  for (const [, tool] of tools) if (known.has(tool)) throw new Refusal(taken(tool, known));
  const folder = `servers/${name}`;
  if (existsSync(join(root, folder))) throw new Refusal(`${folder} exists already.`);
  return {
    files: {
      ...below(folder, made),
      // The installation writes it: here it is what a failure puts back.
      'pnpm-lock.yaml': readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8'),
      'hub/package.json': withDependency(root, 'hub/package.json', `@flotilla/${name}`),
      'hub/src/built-in.ts': edited(root, 'hub/src/built-in.ts', /(BUILT_IN[^=]*= \[)([^\]]*)\]/, name, {
        from: `@flotilla/${name}`,
      }),
    },
    links: { [`bin/flotilla-${name}`]: 'flotilla' },
  };
}

export function planTool(root, server, name, { job, effect }) {
  const servers = serverNames(root);
  if (!servers.includes(server))
    throw new Refusal(`There is no server called "${server}". There are: ${servers.join(', ')}.`);
  checkToolName(name);
  const known = toolNames(root);
  if (known.has(name)) throw new Refusal(taken(name, known));
  const folder = `servers/${server}`;
  const made = below(folder, toolFiles(root, server, name, { job, effect }));
  const files = Object.fromEntries(
    Object.entries(made).filter(([path]) => !path.includes('/helpers/') || !existsSync(join(root, path))),
  );
  for (const path of Object.keys(files))
    if (existsSync(join(root, path))) throw new Refusal(`${path} exists already.`);
  const list = `${folder}/src/server.ts`;
  files[list] = edited(root, list, /(\btools: \[)([^\]]*)\]/, name, { from: `./tools/${dashes(name)}.ts` });
  return { files, links: {} };
}

const taken = (tool, known) => `There is a tool called ${tool} already: ${known.get(tool)}.`;

const below = (folder, files) =>
  Object.fromEntries(Object.entries(files).map(([path, content]) => [`${folder}/${path}`, content]));

/** The file with one more import and one more entry at the end of its list. */
function edited(root, path, list, name, { from }) {
  const source = readFileSync(join(root, path), 'utf8');
  if (!list.test(source)) throw new Refusal(`${path} has no plain list to add to: add ${name} by hand.`);
  const entry = camel(name);
  const longer = source.replace(list, (_, start, entries) => {
    const before = entries.trim().replace(/,$/, '');
    return `${start}${before === '' ? '' : `${before}, `}${entry}]`;
  });
  const imports = [...longer.matchAll(/^import [^;]*;\n/gm)];
  const last = imports.at(-1);
  const end = last ? last.index + last[0].length : 0;
  return `${longer.slice(0, end)}import { ${entry} } from '${from}';\n${longer.slice(end)}`;
}

function withDependency(root, path, dependency) {
  const manifest = JSON.parse(readFileSync(join(root, path), 'utf8'));
  const dependencies = { ...manifest.dependencies, [dependency]: 'workspace:*' };
  const sorted = Object.fromEntries(Object.entries(dependencies).sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify({ ...manifest, dependencies: sorted }, null, 2)}\n`;
}
