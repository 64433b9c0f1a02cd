import { FlotillaError } from '@flotilla/core';

/** What docker_run takes, as far as it shapes the container. */
export interface RunInput {
  image: string;
  cmd?: readonly string[] | undefined;
  entrypoint?: readonly string[] | undefined;
  env?: Readonly<Record<string, string>> | undefined;
  ports?: readonly string[] | undefined;
  volumes?: readonly string[] | undefined;
  labels?: Readonly<Record<string, string>> | undefined;
  network?: string | undefined;
  restart?: string | undefined;
  user?: string | undefined;
  cwd?: string | undefined;
  memoryBytes?: number | undefined;
  cpus?: number | undefined;
  readOnly?: boolean | undefined;
}

/** Marks a container as made by one run, so that a replay of it finds it again. */
export const RUN_LABEL = 'dev.flotilla.run';

/** Body of `POST /containers/create`. INVALID_INPUT for a port or volume that cannot be read. */
export function createBody(input: RunInput, runId: string): Record<string, unknown> {
  const ports = (input.ports ?? []).map(parsePort);
  const bindings = Object.groupBy(ports, ({ inside }) => inside);
  const [policy, retries] = (input.restart ?? 'no').split(':');
  return {
    Image: input.image,
    ...(input.cmd && { Cmd: input.cmd }),
    ...(input.entrypoint && { Entrypoint: input.entrypoint }),
    ...(input.user !== undefined && { User: input.user }),
    ...(input.cwd !== undefined && { WorkingDir: input.cwd }),
    Env: Object.entries(input.env ?? {}).map(([name, value]) => `${name}=${value}`),
    Labels: { ...input.labels, [RUN_LABEL]: runId },
    ExposedPorts: Object.fromEntries(Object.keys(bindings).map((inside) => [inside, {}])),
    HostConfig: {
      Binds: (input.volumes ?? []).map(checkVolume),
      PortBindings: Object.fromEntries(
        Object.entries(bindings).map(([inside, list]) => [
          inside,
          (list ?? []).map(({ ip, outside }) => ({ HostIp: ip, HostPort: outside })),
        ]),
      ),
      RestartPolicy: { Name: policy, MaximumRetryCount: Number(retries ?? 0) },
      ...(input.network !== undefined && { NetworkMode: input.network }),
      ...(input.memoryBytes !== undefined && { Memory: input.memoryBytes }),
      ...(input.cpus !== undefined && { NanoCpus: Math.round(input.cpus * 1e9) }),
      ...(input.readOnly && { ReadonlyRootfs: true }),
    },
  };
}

const PORT =
  /^(?:(?:(\[[0-9a-fA-F:]+\]|\d{1,3}(?:\.\d{1,3}){3}):(\d{1,5})?|(\d{1,5})):)?(\d{1,5})(?:\/(tcp|udp|sctp))?$/;

/** `8080:80`, `127.0.0.1:8080:80/tcp`, `127.0.0.1::80`. Without an address it is published on 127.0.0.1 alone. */
export function parsePort(text: string): { inside: string; ip: string; outside: string } {
  const [, ip, beside, alone, inside, protocol] = PORT.exec(text) ?? [];
  const outside = beside ?? alone;
  const numbers = [inside, outside].filter((port) => port !== undefined).map(Number);
  if (inside === undefined || numbers.some((port) => port < 1 || port > 65_535))
    throw new FlotillaError('INVALID_INPUT', 'A port is not of the form ADDRESS:OUTSIDE:INSIDE/tcp.', {
      details: { port: text },
      hint: 'E.g. "127.0.0.1:8080:80", or "0.0.0.0:80:80" to publish it to everybody.',
    });
  return {
    inside: `${inside}/${protocol ?? 'tcp'}`,
    ip: ip?.replace(/[[\]]/g, '') ?? '127.0.0.1',
    outside: outside ?? '',
  };
}

/** `name:/path`, `/host:/path`, with `:ro` if wanted. */
function checkVolume(text: string): string {
  const [source = '', target = '', mode = 'rw', ...rest] = text.split(':');
  const named = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(source) || source.startsWith('/');
  if (!named || !target.startsWith('/') || rest.length > 0 || !/^[a-z,A-Z]{1,20}$/.test(mode))
    throw new FlotillaError(
      'INVALID_INPUT',
      'A volume is not of the form NAME:/path or /folder:/path, with :ro if wanted.',
      {
        details: { volume: text },
      },
    );
  return text;
}
