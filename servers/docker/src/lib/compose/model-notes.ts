import type { ComposeModel, ServiceModel } from './model.ts';

/** What a careful person would ask about a model; each names the service. */
export function modelNotes({ services }: ComposeModel): string[] {
  return Object.entries(services).flatMap(([name, service]) =>
    serviceNotes(service).map((note) => `${name}: ${note}`),
  );
}

function serviceNotes(service: ServiceModel): string[] {
  const notes: string[] = [];
  const image = (service.image ?? '').slice(0, 500);
  const open = (service.ports ?? []).filter(
    ({ published, host_ip: ip }) =>
      published !== undefined && (ip === undefined || ip === '' || ip === '0.0.0.0' || ip === '::'),
  );
  if (open.length > 0)
    notes.push(
      `port ${open.map(({ published }) => published).join(', ')} is open to every network; docker opens it past ufw`,
    );
  if (image !== '' && !image.includes('@') && /(?::latest|^[^:]*(?:\/[^:]*)?)$/.test(image))
    notes.push('its image has no fixed tag');
  if (service['privileged'] === true) notes.push('it is privileged');
  if (mountsSocket(service)) notes.push('it holds the docker socket: as good as root');
  if (!service.healthcheck || service.healthcheck.disable) notes.push('no health check in the file');
  return notes;
}

const mountsSocket = ({ volumes = [] }: ServiceModel): boolean =>
  volumes.some(({ source }) => source !== undefined && /\/(?:docker|podman)\.sock$/.test(source));
