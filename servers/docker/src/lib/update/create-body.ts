import type { ContainerInspect, Endpoint, ImageConfig } from './inspected.ts';
import { nameOf } from './inspected.ts';

/** A container to be made: the body of `POST /containers/create?name=`, and networks to join before it starts. */
export interface Creation {
  name: string;
  body: Record<string, unknown>;
  connect: { network: string; endpoint: Endpoint }[];
}

export interface CreateOptions {
  /** Image to make it from: a reference or an id. Default: the one it names. */
  image?: string;
  /** What the old image gave: settings that are equal to it are left to the new image. */
  imageDefaults?: ImageConfig;
  /** Labels to change. */
  labels?: Readonly<Record<string, string>>;
}

/**
 * A container with exactly the settings of another one: environment, labels, limits, mounts (also anonymous volumes),
 * networks with their aliases and fixed addresses. Names that the engine derived from the old id are left out.
 */
export function createFrom(container: ContainerInspect, options: CreateOptions = {}): Creation {
  const { Config, HostConfig } = container;
  const config = withoutDefaults(Config, options.imageDefaults ?? {});
  const ownHostname = Config.Hostname && !container.Id.startsWith(Config.Hostname);
  const mode = HostConfig.NetworkMode ?? 'default';
  const shared = mode.startsWith('container:') || mode === 'host';
  const [first, ...others] = shared ? [] : endpoints(container);
  const { Hostname, ...rest } = config;
  return {
    name: nameOf(container),
    body: {
      ...rest,
      ...(ownHostname && !shared && { Hostname }),
      ...(options.labels && { Labels: { ...config.Labels, ...options.labels } }),
      Image: options.image ?? Config.Image,
      HostConfig: hostConfig(container),
      ...(first && { NetworkingConfig: { EndpointsConfig: { [first.network]: first.endpoint } } }),
    },
    connect: others,
  };
}

function hostConfig(container: ContainerInspect): Record<string, unknown> {
  const { HostConfig } = container;
  const anonymous = anonymousVolumes(container);
  return {
    ...HostConfig,
    ...(HostConfig.Ulimits && { Ulimits: HostConfig.Ulimits.map(plainUlimit) }),
    ...(HostConfig.Mounts && { Mounts: HostConfig.Mounts.map((mount) => withVolume(mount, container)) }),
    ...(anonymous.length > 0 && { Binds: [...(HostConfig.Binds ?? []), ...anonymous] }),
  };
}

/** Podman shows `RLIMIT_NOFILE` and takes `nofile`. */
const plainUlimit = (limit: { Name: string }): { Name: string } => ({
  ...limit,
  Name: limit.Name.replace(/^RLIMIT_/, '').toLowerCase(),
});

type MountSetting = NonNullable<ContainerInspect['HostConfig']['Mounts']>[number];

const volumeAt = ({ Mounts }: ContainerInspect, target: string | undefined): string | undefined =>
  Mounts?.find(({ Type, Destination }) => Type === 'volume' && Destination === target)?.Name;

/** A mount that lets the engine make a volume: the one that it made, or the new container would begin empty. */
function withVolume(mount: MountSetting, container: ContainerInspect): MountSetting {
  const made = volumeAt(container, mount.Target);
  return mount['Type'] === 'volume' && !mount['Source'] && made !== undefined
    ? { ...mount, Source: made }
    : mount;
}

/** Volumes that the settings do not name at all: the data must be there in the new container, too. */
function anonymousVolumes({ Mounts, HostConfig }: ContainerInspect): string[] {
  const named = new Set([
    ...(HostConfig.Binds ?? []).map((bind) => bind.split(':')[1]),
    ...(HostConfig.Mounts ?? []).map(({ Target }) => Target),
  ]);
  return (Mounts ?? []).flatMap(({ Type, Name, Destination, RW }) =>
    Type === 'volume' && Name !== undefined && !named.has(Destination)
      ? [`${Name}:${Destination}${RW === false ? ':ro' : ''}`]
      : [],
  );
}

/** The network of the mode first: engines before API 1.44 take one at creation. */
function endpoints({ Id, HostConfig, NetworkSettings }: ContainerInspect) {
  const mode = HostConfig.NetworkMode;
  return Object.entries(NetworkSettings?.Networks ?? {})
    .map(([network, { Aliases, IPAMConfig, Links, DriverOpts }]) => {
      const aliases = (Aliases ?? []).filter((alias) => !Id.startsWith(alias) || alias.length < 12);
      const endpoint: Endpoint = {
        ...(aliases.length > 0 && network !== 'bridge' && { Aliases: aliases }),
        ...(IPAMConfig != null && { IPAMConfig }),
        ...(Links != null && { Links }),
        ...(DriverOpts != null && { DriverOpts }),
      };
      return { network, endpoint };
    })
    .sort((a, b) => Number(b.network === mode) - Number(a.network === mode));
}

const SIMPLE = ['Cmd', 'Entrypoint', 'WorkingDir', 'User', 'StopSignal', 'Healthcheck'] as const;
const MAPS = ['Labels', 'Volumes', 'ExposedPorts'] as const;
const equal = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Without what merely repeats the image's defaults: a new image may have others. */
function withoutDefaults<C extends ImageConfig>(config: C, defaults: ImageConfig): C {
  const own: C = { ...config };
  for (const key of SIMPLE) if (defaults[key] != null && equal(config[key], defaults[key])) delete own[key];
  // The engine drops the image's command when an entry point is given: what was inherited then is kept.
  if (own.Entrypoint != null && config.Cmd != null) own.Cmd = config.Cmd;
  for (const key of MAPS) {
    const given = defaults[key] ?? {};
    if (config[key] == null) continue;
    const left = Object.entries(config[key]).filter(([name, value]) => !equal(value, given[name]));
    Object.assign(own, { [key]: Object.fromEntries(left) });
  }
  const inherited = new Set(defaults.Env ?? []);
  if (config.Env) own.Env = config.Env.filter((entry) => !inherited.has(entry));
  return own;
}
