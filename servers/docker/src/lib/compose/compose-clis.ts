import { defineService, FlotillaError, type Hosts } from '@flotilla/core';
import { quote } from '@flotilla/ssh';
import type { Engine } from '../engine/index.ts';
import { type ComposeCli, DETECT_SCRIPT, type Detected, detectedCompose } from './version.ts';

const KNOWN_MS = 5 * 60_000;

export interface ComposeClis {
  /** UNSUPPORTED when the host has no compose v2. */
  get(alias: string, signal?: AbortSignal): Promise<ComposeCli>;
}

export function createComposeClis(hosts: Pick<Hosts, 'shell'>): ComposeClis {
  const known = new Map<string, { cli: ComposeCli; at: number }>();
  return {
    async get(alias, signal) {
      const entry = known.get(alias);
      if (entry && performance.now() - entry.at < KNOWN_MS) return entry.cli;
      const { stdout } = await hosts.shell(alias, DETECT_SCRIPT, {
        ...(signal && { signal }),
        maxBytes: 4096,
      });
      const found = detectedCompose(stdout);
      if (!found.cli) throw noCompose(alias, found);
      known.set(alias, { cli: found.cli, at: performance.now() });
      return found.cli;
    },
  };
}

/** Which compose each host has, kept for some minutes. */
export const composeClis = defineService<ComposeClis>({
  name: 'compose-clis',
  open: ({ hosts }) => createComposeClis(hosts),
});

function noCompose(alias: string, { unusable }: Detected): FlotillaError {
  const details = { alias, found: unusable };
  if (unusable.includes('v1'))
    return new FlotillaError('UNSUPPORTED', `${alias} has only docker-compose v1.`, {
      details,
      hint: 'Install the compose v2 plugin (docker-compose-plugin, or docker-compose-v2): v1 has no JSON and no wait.',
    });
  if (unusable.includes('podman-compose'))
    return new FlotillaError('UNSUPPORTED', `${alias} has only podman-compose.`, {
      details,
      hint: 'It cannot print its model and hashes. Install docker-compose v2: it works with the socket of Podman.',
    });
  return new FlotillaError('UNSUPPORTED', `${alias} has no docker compose.`, {
    details,
    hint: 'Install the compose v2 plugin there (docker-compose-plugin).',
  });
}

/** The beginning of a shell command that runs compose against exactly this engine. */
export function composeWords(engine: Pick<Engine, 'route'>, cli: ComposeCli): string {
  const { client, how, socketPath } = engine.route;
  const plugin = cli.words.length === 2;
  if (plugin && client !== undefined && /^(?:sudo -n )?docker\b/.test(client)) return `${client} compose`;
  const target = `env DOCKER_HOST=${quote(`unix://${socketPath}`)}`;
  return `${how === 'sudo' ? 'sudo -n ' : ''}${target} ${cli.words.join(' ')}`;
}
