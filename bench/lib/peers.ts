import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const node = join(root, 'node_modules', 'node', 'bin', 'node');

const PEERS = { '@fkom13/mcp-sftp-orchestrator': '11.8.0', 'ssh-mcp': '2.11.0' };

/** Installs the peers once, outside the workspace; returns the folder of their node_modules. */
export function installPeers(): string {
  const folder = join(root, '.tools', 'bench-peers');
  const wanted = JSON.stringify({ private: true, dependencies: PEERS }, null, 2);
  const manifest = join(folder, 'package.json');
  if (existsSync(join(folder, 'node_modules')) && readFileSync(manifest, 'utf8') === wanted)
    return join(folder, 'node_modules');
  mkdirSync(folder, { recursive: true });
  writeFileSync(manifest, wanted);
  execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return join(folder, 'node_modules');
}
