import { z } from 'zod';

const texts = z.array(z.string()).nullish();

/** Fields of an image's or a container's own settings that an image gives defaults for. */
export const ImageConfig = z.looseObject({
  Env: texts,
  Cmd: texts,
  Entrypoint: texts,
  Labels: z.record(z.string(), z.string()).nullish(),
  WorkingDir: z.string().nullish(),
  User: z.string().nullish(),
  StopSignal: z.string().nullish(),
  Volumes: z.record(z.string(), z.unknown()).nullish(),
  ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
  Healthcheck: z.unknown().optional(),
});
export type ImageConfig = z.infer<typeof ImageConfig>;

export const Endpoint = z.looseObject({
  Aliases: texts,
  IPAMConfig: z.unknown().optional(),
  Links: z.unknown().optional(),
  DriverOpts: z.unknown().optional(),
});
export type Endpoint = z.infer<typeof Endpoint>;

export const Mount = z.looseObject({
  Type: z.string().optional(),
  Name: z.string().optional(),
  Source: z.string().optional(),
  Destination: z.string(),
  RW: z.boolean().optional(),
});

const HealthLog = z.looseObject({ ExitCode: z.number().optional(), Output: z.string().optional() });

export const ContainerState = z.looseObject({
  Status: z.string().default(''),
  Running: z.boolean().default(false),
  Restarting: z.boolean().optional(),
  OOMKilled: z.boolean().optional(),
  ExitCode: z.number().default(0),
  Error: z.string().optional(),
  StartedAt: z.string().optional(),
  Health: z.looseObject({ Status: z.string().default(''), Log: z.array(HealthLog).nullish() }).nullish(),
});

/** `GET /containers/{id}/json`, as far as it is used; unknown fields pass through, for a container made anew. */
export const ContainerInspect = z.looseObject({
  Id: z.string().regex(/^[0-9a-f]{12,64}$/),
  Name: z.string(),
  /** Id of the image. */
  Image: z.string(),
  RestartCount: z.number().default(0),
  State: ContainerState,
  Config: ImageConfig.extend({ Image: z.string(), Hostname: z.string().nullish() }),
  HostConfig: z.looseObject({
    Binds: texts,
    Mounts: z.array(z.looseObject({ Target: z.string().optional() })).nullish(),
    Ulimits: z.array(z.looseObject({ Name: z.string() })).nullish(),
    Tmpfs: z.record(z.string(), z.string()).nullish(),
    NetworkMode: z.string().optional(),
    AutoRemove: z.boolean().optional(),
    RestartPolicy: z.looseObject({ Name: z.string().optional() }).nullish(),
  }),
  NetworkSettings: z.looseObject({ Networks: z.record(z.string(), Endpoint).nullish() }).optional(),
  Mounts: z.array(Mount).nullish(),
});
export type ContainerInspect = z.infer<typeof ContainerInspect>;

/** A container's name without the slash that the engine puts before it. */
export const nameOf = (container: { Name: string }): string => container.Name.replace(/^\//, '');
