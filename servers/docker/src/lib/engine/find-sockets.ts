import { type Hosts, visibleControls } from '@flotilla/core';
import { quote } from '@flotilla/ssh';

/** What one read of a host says about its container engines. */
export interface EngineSigns {
  sockets: EngineSocket[];
  /** Clients on the PATH. */
  clients: ('docker' | 'podman')[];
  /** `sudo -n` may run these clients without a password. */
  sudo: ('docker' | 'podman')[];
}

export interface EngineSocket {
  path: string;
  /** The login may read and write it. */
  usable: boolean;
}

/** `DOCKER_HOST` and docker contexts of the host are not looked at: they could lead anywhere. */
const WELL_KNOWN = `/var/run/docker.sock
/run/user/$u/docker.sock
/run/podman/podman.sock
/run/user/$u/podman/podman.sock`;

/** In the order of preference; `only` when the config names the socket. */
function findScript(only: string | undefined): string {
  const paths = only === undefined ? WELL_KNOWN.split('\n').map((path) => `"${path}"`) : [quote(only)];
  return `u=$(id -u)
for s in ${paths.join(' ')}; do
  [ -S "$s" ] || continue
  if [ -r "$s" ] && [ -w "$s" ]; then echo "socket usable $s"; else echo "socket denied $s"; fi
done
for c in docker podman; do
  command -v $c >/dev/null 2>&1 || continue
  echo "client $c"
  [ "$u" != 0 ] && sudo -n -l $c system dial-stdio >/dev/null 2>&1 && echo "sudo $c"
done
exit 0`;
}

const CLIENTS = ['docker', 'podman'] as const;

export function parseSigns(text: string): EngineSigns {
  const lines = text.split('\n').slice(0, 100);
  const said = (word: string) => CLIENTS.filter((client) => lines.includes(`${word} ${client}`));
  const sockets = lines.flatMap((line): EngineSocket[] => {
    const [, state, path] = /^socket (usable|denied) (\/.*)$/.exec(line) ?? [];
    if (path === undefined || path.length > 107 || visibleControls(path) !== path) return [];
    return [{ path, usable: state === 'usable' }];
  });
  return { sockets, clients: said('client'), sudo: said('sudo') };
}

/** One read on the fast channel. `only`: the one socket that the config allows for this host. */
export async function findSockets(
  hosts: Pick<Hosts, 'shell'>,
  alias: string,
  only: string | undefined,
): Promise<EngineSigns> {
  const result = await hosts.shell(alias, findScript(only), {
    timeoutMs: 20_000,
    maxBytes: 16_384,
  });
  return parseSigns(result.stdout);
}
