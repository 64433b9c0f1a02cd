// A new server or a new tool, made from templates/server:
//   npm run new -- server NAME [--example]
//   npm run new -- tool SERVER NAME [--job] [--effect read|write|destroy]
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArguments, USAGE } from './new/arguments.mjs';
import { dashes, Refusal } from './new/names.mjs';
import { planServer, planTool } from './new/plan.mjs';
import { writePlan } from './new/write.mjs';

const INSTALL = ['install', '--no-frozen-lockfile', '--prefer-offline'];

/** What it says is shown only when it fails. */
function run(root, command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`);
}

function generate(wanted) {
  const { root, kind, name, server } = wanted;
  const biome = join(root, 'node_modules/.bin/biome');
  const install = () => run(root, process.execPath, [join(root, 'scripts/pnpm.mjs'), ...INSTALL]);
  if (!existsSync(biome)) install();
  const plan = kind === 'server' ? planServer(root, name, wanted) : planTool(root, server, name, wanted);
  const revert = writePlan(root, plan);
  try {
    const code = Object.keys(plan.files).filter((path) => /\.(ts|json)$/.test(path));
    run(root, biome, ['check', '--write', ...code]);
    if (kind === 'server' && wanted.install) install();
  } catch (error) {
    revert();
    throw error;
  }
  return [...Object.keys(plan.files), ...Object.keys(plan.links)];
}

const nextSteps = ({ kind, name, server }) =>
  kind === 'server'
    ? [
        `Next: title and instructions in servers/${name}/src/server.ts, its README.md, a line in the table of README.md,`,
        `and tools: npm run new -- tool ${name} TOOL_NAME [--job] [--effect read|write|destroy]`,
      ]
    : [
        `Next: make servers/${server}/src/tools/${dashes(name)}.ts and its test say what you want (docs/adding-a-tool.md), then`,
        `  npm test -- servers/${server} test/system/contract`,
        '  npm run docs',
      ];

// The programs it starts get the signal as well: they fail, and everything is put back.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

const own = fileURLToPath(new URL('..', import.meta.url));
try {
  const wanted = { root: own, ...parseArguments(process.argv.slice(2), process.env) };
  const written = generate(wanted);
  process.stdout.write(
    `${written.map((path) => `wrote ${path}`).join('\n')}\n\n${nextSteps(wanted).join('\n')}\n`,
  );
} catch (error) {
  process.stderr.write(
    `${error instanceof Refusal ? error.message : `${error?.stack ?? error}`}\nNothing was changed.\n`,
  );
  if (error instanceof Refusal && error.usage) process.stderr.write(`${USAGE}\n`);
  process.exitCode = 1;
}
