import type { Duplex } from 'node:stream';
import { FlotillaError, type Hosts, isFlotillaError } from '@flotilla/core';
import { type Engine, openEngine } from './engine.ts';
import { type EngineSigns, findSockets } from './find-sockets.ts';
import { type EngineRoute, routesTo } from './routes.ts';

/**
 * Finds a host's engine and the way to it that works: one read on the host, then `/version` by each way in turn.
 * `lost` is called when that way does not open any more.
 */
export async function findEngine(
  hosts: Pick<Hosts, 'shell' | 'connect'>,
  alias: string,
  only: string | undefined,
  lost: () => void = () => undefined,
): Promise<Engine> {
  const signs = await findSockets(hosts, alias, only);
  const failures: FlotillaError[] = [];
  let found = false;
  for (const route of routesTo(signs)) {
    try {
      const open = async (): Promise<Duplex> => {
        try {
          return await connectTo(hosts, alias, route);
        } catch (error) {
          if (found) lost();
          throw error;
        }
      };
      const engine = await openEngine(alias, route, open);
      found = true;
      return engine;
    } catch (error) {
      if (!isFlotillaError(error) || isFinal(error)) throw error;
      failures.push(error);
    }
  }
  throw noEngine(alias, signs, failures);
}

/** A connection that was found dead just now had carried nothing: the next one may be alive. */
async function connectTo(hosts: Pick<Hosts, 'connect'>, alias: string, route: EngineRoute): Promise<Duplex> {
  try {
    return await hosts.connect(alias, route.target);
  } catch (error) {
    if (!isFlotillaError(error) || error.details['cause'] !== 'closed') throw error;
    return await hosts.connect(alias, route.target);
  }
}

/** What another way to the engine would not change. */
function isFinal(error: FlotillaError): boolean {
  if (['CANCELLED', 'AUTH_FAILED', 'HOST_KEY_MISMATCH'].includes(error.code)) return true;
  return error.code === 'CONNECTION_FAILED' && error.details['to'] === undefined;
}

function noEngine(alias: string, signs: EngineSigns, failures: readonly FlotillaError[]): FlotillaError {
  const denied = signs.sockets.find((socket) => !socket.usable);
  const causes = failures.map(({ message, details }) => ({ message, remote: details['remote'] }));
  const details = { alias, ...signs, causes };
  if (denied && failures.length === 0) {
    const group = denied.path.includes('podman') ? 'Use the rootless socket of this login, or' : 'Either';
    return new FlotillaError('DENIED', `The login of ${alias} has no rights on ${denied.path}.`, {
      details,
      hint: `${group} let it in: sudo usermod -aG docker LOGIN (then connect anew; that group is as good as root), or let it run docker through sudo without a password.`,
    });
  }
  const [socket] = signs.sockets;
  if (socket) {
    return new FlotillaError(
      'SERVER_UNAVAILABLE',
      `The engine of ${alias} does not answer at ${socket.path}.`,
      {
        details: {
          ...details,
          remote: causes.map(({ remote }) => remote).find((text) => typeof text === 'string'),
        },
        hint: `Start it on the host: systemctl start ${socket.path.includes('podman') ? 'podman.socket' : 'docker'}. If it runs, sshd may forbid forwards and the docker client is missing.`,
      },
    );
  }
  const hint = signs.clients.includes('podman')
    ? 'Podman is there, its socket is not: systemctl enable --now podman.socket (rootless: systemctl --user …).'
    : signs.clients.includes('docker')
      ? 'The docker client is there, its engine is not running: systemctl enable --now docker.'
      : 'Install Docker or Podman there; a socket at an unusual place goes into servers.docker.sockets of the config.';
  return new FlotillaError('UNSUPPORTED', `${alias} has no container engine.`, { details, hint });
}
