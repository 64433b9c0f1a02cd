import { execFileSync, spawnSync } from 'node:child_process';

let known: { reason: string | undefined } | undefined;

/** Why no container can be started here; undefined when a docker engine answers. */
export function whyNoDocker(): string | undefined {
  if (!known) {
    const found = spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], {
      encoding: 'utf8',
      timeout: 10_000,
    });
    known = {
      reason: found.status === 0 ? undefined : 'no docker engine answers (apt-get install docker.io)',
    };
  }
  return known.reason;
}

/** Runs the docker client and returns what it printed. */
export function docker(...args: readonly string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}
