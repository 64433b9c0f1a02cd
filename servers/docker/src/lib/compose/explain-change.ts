import type { ServiceModel } from './model.ts';
import { hideInText } from './secret-values.ts';

/** What of a container is compared with the file. */
export interface RunningConfig {
  image: string;
  command: readonly string[];
  /** `NAME=value`, those of the image left out. */
  env: readonly string[];
  /** `HOST_IP:PORT->TARGET/PROTOCOL`. */
  ports: readonly string[];
  /** Paths inside the container that something is mounted at. */
  mounts: readonly string[];
  restart: string;
}

const MAX_NAMES = 8;

/** In words, never with a value of the environment: what the file asks for against what runs. */
export function explainChange(service: ServiceModel, running: RunningConfig): string[] {
  const found: string[] = [];
  if (service.image !== undefined && service.image !== running.image)
    found.push(`image ${running.image} → ${service.image}`);
  const command = service.command ?? undefined;
  if (command && command.join('\0') !== running.command.join('\0'))
    found.push(`command ${hideInText(line(running.command))} → ${hideInText(line(command))}`);
  found.push(...names('environment', wantedEnv(service), new Map(running.env.map(pair))));
  found.push(...names('ports', asKeys(wantedPorts(service)), asKeys(running.ports)));
  found.push(
    ...names('mounts', asKeys((service.volumes ?? []).map(({ target }) => target)), asKeys(running.mounts)),
  );
  const restart = service.restart ?? 'no';
  if (restart !== (running.restart || 'no')) found.push(`restart ${running.restart || 'no'} → ${restart}`);
  return found.map((text) => (text.length > 300 ? `${text.slice(0, 299)}…` : text));
}

const line = (words: readonly string[]): string => words.join(' ').slice(0, 100) || '(none)';
const asKeys = (keys: readonly string[]): Map<string, string> => new Map(keys.map((key) => [key, '']));

function pair(entry: string): [string, string] {
  const at = entry.indexOf('=');
  return at === -1 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
}

const wantedEnv = (service: ServiceModel): Map<string, string> =>
  new Map(
    Object.entries(service.environment ?? {}).map(([name, value]) => [
      name,
      value === null ? '' : String(value),
    ]),
  );

const wantedPorts = (service: ServiceModel): string[] =>
  (service.ports ?? [])
    .filter(({ published }) => published !== undefined)
    .map(
      ({ host_ip, published, target, protocol }) =>
        `${host_ip ?? ''}:${published}->${target}/${protocol ?? 'tcp'}`,
    );

/** `environment: +NEW −GONE ~CHANGED`. */
function names(
  what: string,
  wanted: ReadonlyMap<string, string>,
  running: ReadonlyMap<string, string>,
): string[] {
  const added = [...wanted.keys()].filter((key) => !running.has(key)).map((key) => `+${key}`);
  const gone = [...running.keys()].filter((key) => !wanted.has(key)).map((key) => `−${key}`);
  const changed = [...wanted].filter(([key, value]) => running.has(key) && running.get(key) !== value);
  const all = [...added, ...gone, ...changed.map(([key]) => `~${key}`)];
  if (all.length === 0) return [];
  const more = all.length > MAX_NAMES ? ` and ${all.length - MAX_NAMES} more` : '';
  return [`${what}: ${all.slice(0, MAX_NAMES).join(' ')}${more}`];
}
