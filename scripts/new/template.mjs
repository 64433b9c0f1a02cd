// What templates/server holds, under other names.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { camel, dashes, Refusal, title } from './names.mjs';

export const TEMPLATE = 'templates/server';
/** Only the template needs it: the contract suite of the system walks over every built-in server. */
const TEMPLATE_ONLY = ['test/contract.test.ts'];
const EXAMPLE = ['src/tools/', 'test/tools/'];
const NOT_SOURCE = new Set(['node_modules', 'dist', 'coverage', '.turbo']);

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_SOURCE.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

const inServer = (text, name) =>
  text
    .replaceAll('server-template', name)
    .replaceAll('serverTemplate', camel(name))
    .replaceAll('Server template', title(name));

/** `{path in the server: content}` of a server called `name`, with the example tools or none. */
export function serverFiles(root, name, example) {
  const folder = join(root, TEMPLATE);
  const prefix = name.replaceAll('-', '_');
  const rename = (text) =>
    inServer(text, name)
      .replaceAll(/\btemplate_(?=[a-z])/g, `${prefix}_`)
      .replaceAll(/\btemplate-(?=[a-z])/g, `${name}-`)
      .replaceAll(/\btemplate(?=[A-Z])/g, camel(name));
  const files = {};
  for (const file of filesBelow(folder)) {
    const path = relative(folder, file);
    const isExample = EXAMPLE.some((start) => path.startsWith(start));
    if (TEMPLATE_ONLY.includes(path) || (isExample && !example)) continue;
    const content = readFileSync(file, 'utf8');
    const own = path === 'src/server.ts' && !example ? withoutTools(content) : content;
    files[rename(path)] = rename(own);
  }
  return files;
}

const withoutTools = (source) =>
  source.replaceAll(/^import .* from '\.\/tools\/.*';\n/gm, '').replace(/tools: \[[^\]]*\]/, 'tools: []');

/** Source, test and the test's helper of a tool, made from the template's inline or job tool. */
export function toolFiles(root, server, tool, { job, effect }) {
  const from = job ? 'template_mark' : 'template_uptime';
  const read = (path) => readFileSync(join(root, TEMPLATE, path), 'utf8');
  const rename = (text) =>
    text.replaceAll(from, tool).replaceAll(dashes(from), dashes(tool)).replaceAll(camel(from), camel(tool));
  const source = read(`src/tools/${dashes(from)}.ts`);
  const imported = [...source.matchAll(/^import \{([^}]*)\}/gm)].flatMap(([, names]) =>
    names.split(/[\s,]+/),
  );
  if (imported.includes(camel(tool))) throw new Refusal(`"${tool}" is taken by what a tool imports.`);
  return {
    [`src/tools/${dashes(tool)}.ts`]: rename(source)
      .replace(/^ {2}title: .*$/m, `  title: '${title(tool)}',`)
      .replace(/^ {2}effect: .*$/m, `  effect: '${effect}',`),
    [`test/tools/${dashes(tool)}.test.ts`]: rename(read(`test/tools/${dashes(from)}.test.ts`)),
    'test/helpers/test-process.ts': inServer(read('test/helpers/test-process.ts'), server),
  };
}
