import type { StreamTarget } from '@flotilla/core';
import { quote } from '@flotilla/ssh';
import type { EngineSigns, EngineSocket } from './find-sockets.ts';

/** One way to talk to the engine behind a socket of a host. */
export interface EngineRoute {
  socketPath: string;
  target: StreamTarget;
  /** The beginning of a shell command that runs the client against the same engine; undefined: there is no client. */
  client: string | undefined;
  how: 'forward' | 'dial-stdio' | 'sudo';
}

const DEFAULT_SOCKET = '/var/run/docker.sock';

/**
 * Ways to try, the best first: the socket itself, then the client's `system dial-stdio` where sshd forbids forwards,
 * then the same through `sudo -n` where the login has no rights on the socket.
 */
export function routesTo(signs: EngineSigns): EngineRoute[] {
  const usable = signs.sockets.filter((socket) => socket.usable);
  const denied = signs.sockets.filter((socket) => !socket.usable);
  return [
    ...usable.flatMap((socket) => direct(socket, signs)),
    ...denied.flatMap((socket) => throughSudo(socket, signs)),
    ...(signs.sockets.length === 0 && signs.sudo.includes('podman') ? [hiddenPodman()] : []),
  ];
}

function direct(socket: EngineSocket, signs: EngineSigns): EngineRoute[] {
  const client = clientOf(socket.path, signs.clients);
  const base = { socketPath: socket.path, client };
  const forward: EngineRoute = { ...base, how: 'forward', target: { socketPath: socket.path } };
  if (client === undefined) return [forward];
  return [forward, { ...base, how: 'dial-stdio', target: { command: `${client} system dial-stdio` } }];
}

function throughSudo(socket: EngineSocket, signs: EngineSigns): EngineRoute[] {
  const client = clientOf(socket.path, signs.sudo);
  if (client === undefined) return [];
  return [sudoRoute(socket.path, client)];
}

const sudoRoute = (socketPath: string, client: string): EngineRoute => ({
  socketPath,
  client: `sudo -n ${client}`,
  how: 'sudo',
  target: { command: `exec sudo -n ${client} system dial-stdio` },
});

/** The folder of the rootful podman socket is closed to others, so that it is not seen without sudo. */
const hiddenPodman = (): EngineRoute => {
  const path = '/run/podman/podman.sock';
  return sudoRoute(path, `podman --url ${quote(`unix://${path}`)}`);
};

/** The docker client speaks to Podman's socket, too, but a host may have only one of the two. */
function clientOf(socketPath: string, clients: readonly ('docker' | 'podman')[]): string | undefined {
  const url = quote(`unix://${socketPath}`);
  const podman = clients.includes('podman') ? `podman --url ${url}` : undefined;
  if (socketPath.includes('podman'))
    return podman ?? (clients.includes('docker') ? `docker -H ${url}` : undefined);
  if (clients.includes('docker')) return socketPath === DEFAULT_SOCKET ? 'docker' : `docker -H ${url}`;
  return podman;
}
