// Bundles what users launch: hub/src/main.ts and servers/*/src/main.ts, each into its own dist/main.js.
// Does nothing when the sources are those of the last bundle. `--force` bundles anyway.
// `--into hub FOLDER` bundles one of them into FOLDER/dist, beside the node_modules that `pnpm deploy` put there.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const self = fileURLToPath(import.meta.url);
const DAY_MS = 24 * 60 * 60 * 1000;
const RECORD = '.bundle.json';
const TOOLS = 'tools.json';

const digest = (content) => createHash('sha256').update(content).digest('base64');
const digestOf = (file) => (existsSync(file) ? digest(readFileSync(file)) : 'absent');

function entryPoints() {
  const servers = readdirSync(join(root, 'servers')).map((name) => join('servers', name));
  return ['hub', ...servers].filter((folder) => existsSync(join(root, folder, 'src/main.ts')));
}

/** What decides where imports lead, beside the sources themselves. */
function manifests() {
  const folders = ['packages', 'servers'].flatMap((kind) =>
    readdirSync(join(root, kind)).map((name) => join(kind, name)),
  );
  return ['.', 'hub', ...folders].map((folder) => join(folder, 'package.json')).concat('pnpm-lock.yaml');
}

const manifestOf = (folder) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));

/**
 * Files that a process opens beside its own modules, such as the code of a thread or a font: named by `beside` in the
 * package.json they belong to, for every bundle that holds that package.
 */
function companions(folder) {
  const folders = new Map(
    ['packages', 'servers'].flatMap((kind) =>
      readdirSync(join(root, kind)).map((name) => [`@flotilla/${name}`, join(kind, name)]),
    ),
  );
  const seen = new Set();
  const visit = (one) => {
    if (seen.has(one)) return;
    seen.add(one);
    for (const name of Object.keys(manifestOf(one).dependencies ?? {})) {
      if (folders.has(name)) visit(folders.get(name));
    }
  };
  visit(folder);
  const files = [...seen].flatMap((one) =>
    (manifestOf(one).beside ?? []).map((file) => join(root, one, file)),
  );
  return Object.fromEntries(files.map((file) => [basename(file).replace(/\.\w+$/, ''), file]));
}

function isCurrent(folder) {
  const dist = join(root, folder, 'dist');
  try {
    const { inputs, outputs } = JSON.parse(readFileSync(join(dist, RECORD), 'utf8'));
    return (
      outputs.every((name) => existsSync(join(dist, name))) &&
      Object.entries(inputs).every(([file, known]) => digestOf(join(root, file)) === known)
    );
  } catch {
    return false;
  }
}

/** A package with a native addon stays where it is installed: nearest node_modules of its importer. */
function installedAt(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) throw new Error(`${name} is not installed for ${from}`);
  }
}

const native = (dist, deployed) => ({
  name: 'native',
  setup(build) {
    build.onResolve({ filter: /^(better-sqlite3|@resvg\/resvg-js)$/ }, ({ path, resolveDir }) => {
      const installed = installedAt(path, deployed ?? resolveDir);
      const main = createRequire(join(deployed ?? resolveDir, 'x.js')).resolve(path);
      const inside = relative(realpathSync(installed), main);
      return { path: relative(dist, join(installed, inside)).split(sep).join('/'), external: true };
    });
    // Optional parts of ssh2: used when they were built, missed silently otherwise.
    build.onResolve({ filter: /^cpu-features$|\.node$/ }, ({ path, resolveDir }) => {
      if (!path.startsWith('.')) return { path, external: true };
      return { path: relative(dist, join(resolveDir, path)).split(sep).join('/'), external: true };
    });
  },
});

/**
 * What would be loaded for nothing at every start: an `import` of node:http reads all of its exports, one of which loads
 * the whole of undici (60 ms, 14 MiB); `require` reads those that are used. And zod brings 40 languages.
 */
const lean = {
  name: 'lean',
  setup(build) {
    build.onResolve({ filter: /^(node:)?https?$/ }, ({ path, kind }) =>
      kind === 'import-statement'
        ? { path: path.replace(/^(node:)?/, 'node:'), namespace: 'required' }
        : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
    build.onResolve({ filter: /locales\/index\.js$/ }, ({ importer, path }) =>
      /[\\/]zod[\\/]v4[\\/]/.test(importer)
        ? { path: join(dirname(importer), path), namespace: 'english' }
        : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'english' }, ({ path }) => ({
      contents: "export { default as en } from './en.js';",
      resolveDir: dirname(path),
    }));
  },
};

// CommonJS dependencies of an ESM bundle call require for built-in modules.
const banner = [
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url);',
  'const __filename = import.meta.filename;',
  'const __dirname = import.meta.dirname;',
].join('\n');

async function bundle(folder, deployed) {
  const { build } = await import('esbuild');
  const dist = join(deployed ?? join(root, folder), 'dist');
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { ...companions(folder), main: join(root, folder, 'src/main.ts') },
    loader: { '.ttf': 'copy' },
    outdir: dist,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    conditions: ['@flotilla/source'],
    chunkNames: '[name]-[hash]',
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    banner: { js: banner },
    plugins: [native(dist, deployed), lean],
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
  refuseNamedImports(metafile);
  write(outputFiles);
  if (deployed) {
    if (folder === 'hub') replace(join(dist, TOOLS), listTools(dist));
    return;
  }
  const own = Object.keys(metafile.inputs).filter(
    (file) => !file.includes('node_modules') && !/^(required|english):/.test(file),
  );
  const inputs = [...own, ...manifests(), relative(root, self)];
  if (folder === 'hub') replace(join(dist, TOOLS), listTools(dist));
  const record = {
    inputs: Object.fromEntries(inputs.map((file) => [file, digestOf(join(root, file))])),
    outputs: [...outputFiles.map(({ path }) => relative(dist, path)), ...(folder === 'hub' ? [TOOLS] : [])],
  };
  replace(join(dist, RECORD), JSON.stringify(record));
  prune(dist, record.outputs);
}

/**
 * What `import()` gives of a CommonJS package is `default` alone in a bundle, although Node finds its names as well:
 * the sources would run and the bundle would not.
 */
function refuseNamedImports({ inputs }) {
  for (const [file, { imports }] of Object.entries(inputs)) {
    if (file.includes('node_modules')) continue;
    for (const { path, kind, original } of imports) {
      if (kind !== 'dynamic-import' || inputs[path]?.format !== 'cjs') continue;
      const takesDefault = new RegExp(`\\{ default: \\w+ \\} = await import\\('${original}'\\)`);
      if (!takesDefault.test(readFileSync(join(root, file), 'utf8')))
        throw new Error(`${file}: ${original} is CommonJS, so take { default: … } of import('${original}').`);
    }
  }
}

const REQUESTS = [
  {
    id: 0,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bundle', version: '1' } },
  },
  { method: 'notifications/initialized' },
  { id: 1, method: 'tools/list', params: {} },
].map((message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);

/** The tools as clients list them, in that order, so that a start makes them neither from their schemas nor at once. */
function listTools(dist) {
  rmSync(join(dist, TOOLS), { force: true });
  const home = mkdtempSync(join(tmpdir(), 'flotilla-bundle-'));
  try {
    const node = join(root, 'node_modules/node/bin/node');
    const env = { HOME: home, FLOTILLA_DATA_DIR: home };
    const { stdout, stderr } = spawnSync(node, [join(dist, 'main.js'), 'serve', '--stdio'], {
      env,
      input: REQUESTS.join(''),
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    const answers = stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
    const tools = answers.find(({ id }) => id === 1)?.result?.tools;
    if (tools) return JSON.stringify(tools);
    throw new Error(`The bundle does not list its tools:\n${stderr}`);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Chunks first, the entry last, each by a rename: a process that starts meanwhile finds one whole bundle. */
function write(files) {
  const isEntry = ({ path }) => basename(path) === 'main.js';
  for (const file of [...files].sort((a, b) => isEntry(a) - isEntry(b))) replace(file.path, file.contents);
}

function replace(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, content);
  renameSync(fresh, path);
}

/** Processes that still run an earlier bundle load its chunks later: those are kept for a day. */
function prune(dist, outputs) {
  const kept = new Set(outputs.map((name) => join(dist, name)));
  for (const name of readdirSync(dist).filter((name) => /-[A-Z0-9]{8}\.js(\.map)?$/.test(name))) {
    const file = join(dist, name);
    if (!kept.has(file) && Date.now() - statSync(file).mtimeMs > DAY_MS) rmSync(file, { force: true });
  }
}

const [option, folder, deployed] = process.argv.slice(2);
const stale = entryPoints().filter((one) => option === '--force' || !isCurrent(one));
try {
  if (option === '--into') await bundle(folder, resolve(deployed));
  else await Promise.all(stale.map((one) => bundle(one)));
} catch (error) {
  // esbuild has printed where and why; anything else has not.
  if (!Array.isArray(error?.errors)) process.stderr.write(`${error?.stack ?? error}\n`);
  process.exit(1);
}
