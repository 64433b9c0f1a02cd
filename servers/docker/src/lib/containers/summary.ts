import { z } from 'zod';
import { LABEL } from '../compose/labels.ts';
import type { Engine } from '../engine/index.ts';
import { isoTime, shortId } from '../text.ts';

const Port = z.looseObject({
  IP: z.string().nullish(),
  PrivatePort: z.number().nullish(),
  PublicPort: z.number().nullish(),
  Type: z.string().nullish(),
});

/** `GET /containers/json`: Docker and Podman, every field that one of the two leaves out being optional. */
export const ContainerSummary = z.looseObject({
  Id: z.string(),
  Names: z.array(z.string()).nullish(),
  Image: z.string().default(''),
  ImageID: z.string().default(''),
  Command: z.string().nullish(),
  Created: z.number().default(0),
  State: z.string().default(''),
  Status: z.string().default(''),
  Labels: z.record(z.string(), z.string()).nullish(),
  Ports: z.array(Port).nullish(),
  HostConfig: z.looseObject({ NetworkMode: z.string().nullish() }).nullish(),
  Mounts: z.array(z.looseObject({ Type: z.string().nullish(), Name: z.string().nullish() })).nullish(),
});
export type ContainerSummary = z.infer<typeof ContainerSummary>;

export const summaryName = (summary: ContainerSummary): string =>
  (
    summary.Names?.find((name) => name.lastIndexOf('/') <= 0) ??
    summary.Names?.[0] ??
    shortId(summary.Id)
  ).replace(/^\//, '');

export const listContainers = (
  engine: Engine,
  options: { signal?: AbortSignal | undefined; filters?: Record<string, string[]> } = {},
): Promise<ContainerSummary[]> =>
  engine.json(z.array(ContainerSummary).max(20_000), '/containers/json', {
    query: { all: true, filters: options.filters },
    signal: options.signal,
  });

export const ContainerRow = z.object({
  id: z.string(),
  name: z.string(),
  image: z.string(),
  state: z.string(),
  status: z.string(),
  health: z.string().optional(),
  project: z.string().optional(),
  service: z.string().optional(),
  ports: z.array(z.string()).optional(),
  created: z.string().optional(),
  restarts: z.number().int().optional().describe('Only for containers that restart or began just now'),
  looping: z.boolean().optional().describe('It keeps restarting'),
});
export type ContainerRow = z.infer<typeof ContainerRow>;

/** What a list shows of a container. */
export function containerRow(summary: ContainerSummary): ContainerRow {
  const health = /\((healthy|unhealthy|health: starting)\)/.exec(summary.Status)?.[1];
  const project = summary.Labels?.[LABEL.project];
  const service = summary.Labels?.[LABEL.service];
  const ports = portTexts(summary);
  const created = isoTime(summary.Created);
  return {
    id: shortId(summary.Id),
    name: summaryName(summary),
    image: summary.Image === '' ? shortId(summary.ImageID) : summary.Image,
    state: summary.State,
    status: summary.Status,
    ...(health && { health: health === 'health: starting' ? 'starting' : health }),
    ...(project && { project }),
    ...(service && { service }),
    ...(ports.length > 0 && { ports }),
    ...(created && { created }),
  };
}

/** `127.0.0.1:8080->80/tcp`; the same port on IPv4 and IPv6 is one. */
export function portTexts(summary: ContainerSummary): string[] {
  const texts = (summary.Ports ?? []).map(({ IP, PrivatePort, PublicPort, Type }) => {
    const inside = `${PrivatePort ?? '?'}/${Type ?? 'tcp'}`;
    if (!PublicPort) return inside;
    const outside = IP === '::' || IP === '' || IP === undefined || IP === null ? '0.0.0.0' : IP;
    return `${outside}:${PublicPort}->${inside}`;
  });
  return [...new Set(texts)];
}

/** Whether a restart loop is possible, so that its restarts are worth a look. */
export const beganJustNow = (summary: ContainerSummary): boolean =>
  summary.State === 'restarting' || /^(?:Up (?:\d+ seconds?|Less than)|Restarting)/i.test(summary.Status);
