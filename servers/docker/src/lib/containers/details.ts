import { FlotillaError } from '@flotilla/core';
import { z } from 'zod';
import { bounded } from '../bounded.ts';
import type { Engine } from '../engine/index.ts';
import { withNearest } from '../nearest-names.ts';
import { listContainers, summaryName } from './summary.ts';

const texts = z.array(z.string()).nullish();
const binding = z.looseObject({ HostIp: z.string().nullish(), HostPort: z.string().nullish() });

/** `GET /containers/{id}/json`, what is shown of it. */
export const ContainerDetails = z.looseObject({
  Id: z.string(),
  Name: z.string().default(''),
  Created: z.string().nullish(),
  Image: z.string().default(''),
  RestartCount: bounded.default(0),
  LogPath: z.string().nullish(),
  State: z.looseObject({
    Status: z.string().default(''),
    Running: z.boolean().default(false),
    Paused: z.boolean().nullish(),
    Restarting: z.boolean().nullish(),
    OOMKilled: z.boolean().nullish(),
    Dead: z.boolean().nullish(),
    Pid: z.number().nullish(),
    ExitCode: bounded.default(0),
    Error: z.string().nullish(),
    StartedAt: z.string().nullish(),
    FinishedAt: z.string().nullish(),
    Health: z
      .looseObject({
        Status: z.string().nullish(),
        FailingStreak: bounded.nullish(),
        Log: z
          .array(
            z.looseObject({
              ExitCode: bounded.nullish(),
              Output: z.string().nullish(),
              End: z.string().nullish(),
            }),
          )
          .nullish(),
      })
      .nullish(),
  }),
  Config: z.looseObject({
    Image: z.string().default(''),
    Tty: z.boolean().nullish(),
    User: z.string().nullish(),
    Env: texts,
    Cmd: z.union([z.array(z.string()), z.string()]).nullish(),
    Entrypoint: z.union([z.array(z.string()), z.string()]).nullish(),
    WorkingDir: z.string().nullish(),
    Labels: z.record(z.string(), z.string()).nullish(),
  }),
  HostConfig: z
    .looseObject({
      RestartPolicy: z
        .looseObject({ Name: z.string().nullish(), MaximumRetryCount: z.number().nullish() })
        .nullish(),
      Memory: bounded.nullish(),
      NanoCpus: bounded.nullish(),
      PidsLimit: bounded.nullish(),
      Privileged: z.boolean().nullish(),
      ReadonlyRootfs: z.boolean().nullish(),
      CapAdd: texts,
      NetworkMode: z.string().nullish(),
      LogConfig: z
        .looseObject({ Type: z.string().nullish(), Config: z.record(z.string(), z.string()).nullish() })
        .nullish(),
    })
    .nullish(),
  NetworkSettings: z
    .looseObject({
      Ports: z.record(z.string(), z.array(binding).nullish()).nullish(),
      Networks: z
        .record(z.string(), z.looseObject({ IPAddress: z.string().nullish(), Aliases: texts }).nullish())
        .nullish(),
    })
    .nullish(),
  Mounts: z
    .array(
      z.looseObject({
        Type: z.string().nullish(),
        Name: z.string().nullish(),
        Source: z.string().nullish(),
        Destination: z.string().nullish(),
        RW: z.boolean().nullish(),
      }),
    )
    .nullish(),
});
export type ContainerDetails = z.infer<typeof ContainerDetails>;

export const detailsName = (details: ContainerDetails): string => details.Name.replace(/^\//, '');

export const containerPath = (container: string, rest = ''): string =>
  `/containers/${encodeURIComponent(container)}${rest}`;

/** Runs `work` on a container; NOT_FOUND names the nearest container there is. */
export const onContainer = <T>(engine: Engine, container: string, work: () => Promise<T>): Promise<T> =>
  withNearest(
    { alias: engine.alias, kind: 'container', wanted: container, lister: 'docker_list' },
    async () => (await listContainers(engine)).map(summaryName),
    work,
  );

/** NOT_FOUND with the nearest name. */
export const inspectContainer = (
  engine: Engine,
  container: string,
  signal?: AbortSignal,
): Promise<ContainerDetails> =>
  onContainer(engine, container, () =>
    engine.json(ContainerDetails, containerPath(container, '/json'), { signal }),
  );

/** The client of the engine on the host, for what must outlive this process. */
export function clientOf(engine: Engine): string {
  if (engine.route.client !== undefined) return engine.route.client;
  throw new FlotillaError('UNSUPPORTED', `${engine.alias} has an engine, but no docker or podman client.`, {
    details: { alias: engine.alias },
    hint: 'Install it there: docker-cli, docker.io or podman.',
  });
}
