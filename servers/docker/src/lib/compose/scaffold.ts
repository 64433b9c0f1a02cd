import { Document, isMap, isScalar, type Pair } from 'yaml';
import type { ScaffoldInput, ScaffoldService } from './scaffold-input.ts';
import { isSecretName } from './secret-values.ts';

export interface Scaffold {
  text: string;
  /** Variables that have to be set in the .env file beside it. */
  variables: string[];
  notes: string[];
}

const HEALTH_TIMES = { interval: '30s', timeout: '5s', retries: 3, start_period: '20s' };

/** A compose file with safe defaults: no root, limits, health checks, no port open to other machines unless asked for. */
export function scaffold(input: ScaffoldInput): Scaffold {
  const variables = new Set<string>();
  const notes: string[] = [];
  const networks = new Set<string>(['default']);
  const volumes = new Set<string>();
  const services = Object.fromEntries(
    input.services.map((service) => {
      for (const network of service.networks ?? []) networks.add(network);
      for (const { source } of service.volumes ?? []) if (!/^[./~]/.test(source)) volumes.add(source);
      notes.push(...notesOf(service));
      return [service.name, body(service, variables)];
    }),
  );
  const document = new Document({
    name: input.project,
    services,
    ...(volumes.size > 0 && { volumes: Object.fromEntries([...volumes].map((name) => [name, {}])) }),
    ...(networks.size > 1 && {
      networks: Object.fromEntries(
        [...networks].filter((name) => name !== 'default').map((name) => [name, {}]),
      ),
    }),
  });
  document.commentBefore = ' Variables come from the .env file beside this one.';
  spaced(document);
  return { text: document.toString({ lineWidth: 0 }), variables: [...variables], notes };
}

function body(service: ScaffoldService, variables: Set<string>): Record<string, unknown> {
  const { ports = [], volumes = [], dependsOn = [], networks, healthcheck } = service;
  return {
    image: service.image,
    ...(service.command && { command: service.command }),
    restart: service.restart,
    ...(service.user !== 'image' && { user: service.user }),
    ...(service.init && { init: true }),
    ...(service.readOnly && { read_only: true, tmpfs: ['/tmp'] }),
    security_opt: ['no-new-privileges:true'],
    ...(service.dropCapabilities && { cap_drop: ['ALL'] }),
    ...(service.env && { environment: environment(service.env, variables) }),
    ...(ports.length > 0 && {
      ports: ports.map(
        ({ host, published, target, protocol }) =>
          `${bracketed(host)}:${published}:${target}${protocol === 'udp' ? '/udp' : ''}`,
      ),
    }),
    ...(volumes.length > 0 && {
      volumes: volumes.map(({ source, target, readOnly }) => `${source}:${target}${readOnly ? ':ro' : ''}`),
    }),
    ...(networks && { networks }),
    ...(dependsOn.length > 0 && {
      depends_on: Object.fromEntries(dependsOn.map((name) => [name, { condition: 'service_started' }])),
    }),
    ...(healthcheck && { healthcheck: { test: healthcheck, ...HEALTH_TIMES } }),
    deploy: {
      resources: {
        limits: { cpus: String(service.cpus), memory: service.memory, pids: service.pids },
      },
    },
    logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } },
  };
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** Values that look like secrets are not written down: they become variables. */
function environment(env: Readonly<Record<string, string>>, variables: Set<string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => {
      if (!isSecretName(name) || value.includes('${')) return [name, value];
      variables.add(name);
      return [name, `\${${name}:?set it in .env}`];
    }),
  );
}

function notesOf(service: ScaffoldService): string[] {
  const open = (service.ports ?? []).filter(({ host }) => host === '0.0.0.0' || host === '::');
  return [
    ...(service.healthcheck
      ? []
      : [`${service.name} has no health check: give one, or an update can only see that it runs`]),
    ...open.map(
      ({ published }) => `${service.name} publishes port ${published} to every network of the host`,
    ),
    ...(service.user === 'image' ? [`${service.name} runs as the user of its image`] : []),
  ];
}

/** A blank line before each section and service. */
function spaced(document: Document): void {
  const space = (pairs: readonly Pair[]): void =>
    pairs.forEach(({ key }, at) => {
      if (at > 0 && isScalar(key)) key.spaceBefore = true;
    });
  if (!isMap(document.contents)) return;
  space(document.contents.items as Pair[]);
  const services = document.get('services', true);
  if (isMap(services)) space(services.items as Pair[]);
}
