// Runs the pinned pnpm on a machine that has only Node and npm: `node scripts/pnpm.mjs ARGS`.
// The first run fetches it into .tools; signals go to pnpm, its exit code comes back.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const home = join(root, '.tools', packageManager.replace('@', '-'));
const bin = join(home, 'node_modules', '.bin');

if (!existsSync(join(bin, 'pnpm'))) {
  process.stderr.write(`Fetching ${packageManager} (once) …\n`);
  const fresh = `${home}.${process.pid}`;
  const npm = spawnSync(
    'npm',
    ['install', '--silent', '--no-audit', '--no-fund', '--prefix', fresh, packageManager],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  if (npm.status !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    process.stderr.write(
      `Could not fetch ${packageManager} from the npm registry; check the network and try again.\n`,
    );
    process.exit(1);
  }
  rmSync(home, { recursive: true, force: true });
  renameSync(fresh, home);
}

const child = spawn(join(bin, 'pnpm'), process.argv.slice(2), {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, TURBO_TELEMETRY_DISABLED: '1' },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
