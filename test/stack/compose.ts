import { execFile, spawnSync } from 'node:child_process';
import { whyNoDocker } from '@flotilla/testkit';
import { root } from '../rules/sources.ts';

const BASE_IMAGES = ['node:24-bookworm-slim', 'redis:7-bookworm', 'debian:12-slim'];
const MAX_OUTPUT = 64 * 1024 * 1024;

/** Why the stack cannot be started here; undefined when it can. */
export function whyNoStack(): string | undefined {
  const reason = whyNoDocker();
  if (reason) return reason;
  if (spawnSync('docker', ['compose', 'version']).status !== 0) return 'no docker compose v2';
  const missing = BASE_IMAGES.filter(
    (image) =>
      spawnSync('docker', ['image', 'inspect', image], { stdio: 'ignore' }).status !== 0 &&
      spawnSync('docker', ['pull', '-q', image], { stdio: 'ignore', timeout: 300_000 }).status !== 0,
  );
  return missing.length > 0 ? `${missing.join(', ')} cannot be had` : undefined;
}

/** A compose project of the repository's docker-compose.yml. */
export interface Stack {
  name: string;
  /** Runs `docker compose ARGS`; returns what it printed. */
  compose(...args: string[]): Promise<string>;
  /** Ids of the running containers of a service. */
  containers(service: string): Promise<string[]>;
}

export function stack(name: string, env: Record<string, string>): Stack {
  const compose: Stack['compose'] = (...args) =>
    new Promise((resolve, reject) => {
      const options = { cwd: root, env: { ...process.env, ...env }, maxBuffer: MAX_OUTPUT };
      execFile('docker', ['compose', '-p', name, ...args], options, (error, stdout, stderr) => {
        if (error) reject(new Error(`docker compose ${args.join(' ')}: ${stderr.slice(-4_000)}`));
        else resolve(stdout.trim());
      });
    });
  return {
    name,
    compose,
    containers: async (service) => (await compose('ps', '-q', service)).split('\n').filter((id) => id !== ''),
  };
}
