import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessBase } from '@flotilla/runtime';
import type { Connection } from '../snippets/index.ts';
import type { World } from './world.ts';

/** The Node that the repository ships, where it is installed: clients must not start another one. */
function nodePath({ launch }: World): string {
  const shipped = join(launch.root, 'node_modules', 'node', 'bin', 'node');
  return existsSync(shipped) ? shipped : launch.node;
}

const start = (world: World, args: readonly string[]): { command: string; args: string[] } => ({
  command: nodePath(world),
  args: [...world.launch.nodeArguments, world.launch.entry, ...args],
});

/** Clients do not inherit a shell's variables: what led this process to its data has to be in the snippet. */
function environment({ config, identity }: ProcessBase): Record<string, string> {
  const usual = join(identity.homedir, '.config', 'flotilla');
  return {
    ...(config.dataDir !== usual && { FLOTILLA_DATA_DIR: config.dataDir }),
    ...(config.configFile !== join(config.dataDir, 'config.json') && { FLOTILLA_CONFIG: config.configFile }),
  };
}

export const stdioConnection = (world: World, base: ProcessBase): Connection => ({
  transport: 'stdio',
  ...start(world, ['serve', '--stdio']),
  env: environment(base),
});

export const httpConnection = (world: World, url: string, token: string): Connection => ({
  transport: 'http',
  url,
  token,
  bridge: { ...start(world, ['connect', url]), env: { FLOTILLA_HTTP_TOKEN: token } },
});

/** Where an HTTP hub of this config listens. */
export function configuredUrl({ config }: ProcessBase): string {
  const { host, port } = config.http;
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}/mcp`;
}
