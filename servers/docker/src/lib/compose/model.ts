import { z } from 'zod';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** A service of the normalised model, as far as it is used here; compose has validated it. */
export const ServiceModel = z.looseObject({
  image: z.string().optional(),
  build: z.unknown().optional(),
  command: z.array(z.string()).nullish(),
  entrypoint: z.array(z.string()).nullish(),
  container_name: z.string().optional(),
  environment: z.record(z.string(), scalar.nullable()).optional(),
  scale: z.number().optional(),
  deploy: z.looseObject({ replicas: z.number().optional() }).optional(),
  healthcheck: z.looseObject({ disable: z.boolean().optional() }).optional(),
  restart: z.string().optional(),
  user: z.string().optional(),
  network_mode: z.string().optional(),
  networks: z.record(z.string(), z.unknown()).optional(),
  ports: z
    .array(
      z.looseObject({
        target: z.number(),
        published: scalar.optional(),
        host_ip: z.string().optional(),
        protocol: z.string().optional(),
      }),
    )
    .optional(),
  volumes: z
    .array(z.looseObject({ type: z.string(), source: z.string().optional(), target: z.string() }))
    .optional(),
});
export type ServiceModel = z.infer<typeof ServiceModel>;

/** `docker compose config --format json`. */
export const ComposeModel = z.looseObject({
  name: z.string(),
  services: z.record(z.string(), ServiceModel).default({}),
  networks: z.record(z.string(), z.looseObject({ name: z.string().optional() }).nullable()).optional(),
  volumes: z
    .record(
      z.string(),
      z.looseObject({ name: z.string().optional(), external: z.boolean().optional() }).nullable(),
    )
    .optional(),
});
export type ComposeModel = z.infer<typeof ComposeModel>;

/** Containers that a service asks for. */
export const replicasOf = (service: ServiceModel): number => service.deploy?.replicas ?? service.scale ?? 1;

/**
 * The service shares a namespace or the volumes of another one: compose puts the id of that container into what it
 * hashes, so that its label never equals the hash of the file.
 */
export const isLinked = (service: ServiceModel): boolean =>
  [service.network_mode, service['ipc'], service['pid']].some(
    (mode) => typeof mode === 'string' && mode.startsWith('service:'),
  ) ||
  (Array.isArray(service['volumes_from']) && service['volumes_from'].length > 0);

/** `SERVICE HASH` lines of `config --hash '*'`. */
export function configHashes(printed: string): Map<string, string> {
  const hashes = new Map<string, string>();
  for (const line of printed.split('\n')) {
    const [, service, hash] = /^(\S+) ([0-9a-f]{64})$/.exec(line.trim()) ?? [];
    if (service !== undefined && hash !== undefined) hashes.set(service, hash);
  }
  return hashes;
}
