import { formatBytes } from '@flotilla/core';
import { z } from 'zod';
import { HIDDEN, hideInText, isSecretName } from '../compose/secret-values.ts';
import { cell, isoTime, shortId } from '../text.ts';
import { type ContainerDetails, detailsName } from './details.ts';
import { exitMeaning } from './exit-code.ts';

const texts = z.array(z.string());
const pairs = z.record(z.string(), z.string());

/** What docker_inspect answers, without values that look like secrets. */
export const InspectView = z.object({
  id: z.string(),
  name: z.string(),
  image: z.string(),
  imageId: z.string(),
  created: z.string().optional(),
  state: z.string(),
  startedAt: z.string().optional(),
  finishedAt: z.string().optional(),
  exitCode: z.number().optional(),
  exitMeaning: z.string().optional(),
  oomKilled: z.boolean().optional(),
  startError: z.string().optional().describe('Why the engine could not start it'),
  health: z.object({ status: z.string(), failingStreak: z.number(), outputs: texts }).optional(),
  restartPolicy: z.string(),
  restartCount: z.number(),
  user: z.string(),
  command: texts,
  entrypoint: texts,
  workingDir: z.string(),
  env: pairs,
  labels: pairs,
  mounts: z.array(
    z.object({ type: z.string(), source: z.string(), destination: z.string(), readOnly: z.boolean() }),
  ),
  ports: texts,
  networks: pairs.describe('Network → address'),
  limits: z.object({
    memoryBytes: z.number().optional(),
    cpus: z.number().optional(),
    pids: z.number().optional(),
  }),
  privileged: z.boolean(),
  capAdd: texts,
  logDriver: z.string(),
});
export type InspectView = z.infer<typeof InspectView>;

const MAX_VALUE = 2_000;
const cut = (text: string): string => (text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text);

export function inspectView(details: ContainerDetails): InspectView {
  const { State: state, Config: config, HostConfig: host, NetworkSettings: net } = details;
  const times = {
    created: isoTime(details.Created),
    startedAt: isoTime(state.StartedAt),
    finishedAt: isoTime(state.FinishedAt),
  };
  const ended = !state.Running && times.finishedAt !== undefined;
  const limits = { memoryBytes: host?.Memory, cpus: (host?.NanoCpus ?? 0) / 1e9, pids: host?.PidsLimit };
  return {
    id: shortId(details.Id),
    name: detailsName(details),
    image: config.Image,
    imageId: shortId(details.Image),
    ...present(times),
    state: state.Status,
    ...(ended && {
      exitCode: state.ExitCode,
      exitMeaning: exitMeaning(state.ExitCode, state.OOMKilled === true),
    }),
    ...(state.OOMKilled && { oomKilled: true }),
    ...(state.Error && { startError: hideInText(cut(state.Error)) }),
    ...(state.Health?.Status && state.Health.Status !== 'none' && { health: healthOf(state.Health) }),
    restartPolicy: host?.RestartPolicy?.Name || 'no',
    restartCount: details.RestartCount,
    user: config.User ?? '',
    command: words(config.Cmd),
    entrypoint: words(config.Entrypoint),
    workingDir: config.WorkingDir ?? '',
    env: Object.fromEntries((config.Env ?? []).slice(0, 500).map(variable)),
    labels: Object.fromEntries(
      Object.entries(config.Labels ?? {})
        .slice(0, 500)
        .map(hidden),
    ),
    mounts: (details.Mounts ?? []).map((mount) => ({
      type: mount.Type ?? 'bind',
      source: mount.Name || mount.Source || '',
      destination: mount.Destination ?? '',
      readOnly: mount.RW === false,
    })),
    ports: Object.entries(net?.Ports ?? {}).flatMap(([inside, outside]) =>
      outside?.length
        ? outside.map(({ HostIp, HostPort }) => `${HostIp || '0.0.0.0'}:${HostPort}->${inside}`)
        : [inside],
    ),
    networks: Object.fromEntries(
      Object.entries(net?.Networks ?? {}).map(([name, endpoint]) => [name, endpoint?.IPAddress ?? '']),
    ),
    limits: Object.fromEntries(Object.entries(limits).filter(([, value]) => (value ?? 0) > 0)),
    privileged: host?.Privileged === true,
    capAdd: host?.CapAdd ?? [],
    logDriver: host?.LogConfig?.Type ?? '',
  };
}

const present = <T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

const words = (value: string | readonly string[] | null | undefined): string[] => {
  const list = typeof value === 'string' ? [value] : (value ?? []);
  return list.map((word, index) =>
    isSecretName((list[index - 1] ?? '').replace(/^--?/, '')) && (list[index - 1] ?? '').startsWith('-')
      ? HIDDEN
      : hideInText(cut(word)),
  );
};

const hidden = ([name, value]: readonly [string, string]): [string, string] => [
  cut(name),
  isSecretName(name) && value !== '' ? HIDDEN : hideInText(cut(value)),
];

function variable(text: string): [string, string] {
  const at = text.indexOf('=');
  return at === -1 ? [cut(text), ''] : hidden([text.slice(0, at), text.slice(at + 1)]);
}

const healthOf = (health: NonNullable<ContainerDetails['State']['Health']>) => ({
  status: health.Status ?? '',
  failingStreak: health.FailingStreak ?? 0,
  outputs: (health.Log ?? [])
    .slice(-3)
    .map(({ ExitCode, Output }) => hideInText(cut(`exit ${ExitCode ?? '?'}: ${(Output ?? '').trim()}`))),
});

export function inspectText(view: InspectView): string {
  const list = (title: string, entries: readonly string[]): string[] =>
    entries.length === 0 ? [] : [`${title}:`, ...entries.map((entry) => `  ${cell(entry, 300)}`)];
  const { limits, health } = view;
  const ended = view.exitMeaning === undefined ? '' : `, exit code ${view.exitCode}: ${view.exitMeaning}`;
  const bounds = [
    ...(limits.memoryBytes ? [`memory ${formatBytes(limits.memoryBytes)}`] : []),
    ...(limits.cpus ? [`${limits.cpus} CPUs`] : []),
    ...(limits.pids ? [`${limits.pids} processes`] : []),
  ];
  return [
    `${view.name} (${view.id}) is ${view.state}${ended}${view.startError ? `; ${view.startError}` : ''}`,
    `image ${view.image} (${view.imageId}), restart ${view.restartPolicy}, restarted ${view.restartCount} times${view.startedAt ? `, started ${view.startedAt}` : ''}`,
    `user ${view.user || 'root'}${view.privileged ? ', PRIVILEGED' : ''}, limits: ${bounds.join(', ') || 'none'}, logs: ${view.logDriver}`,
    `runs: ${cell([...view.entrypoint, ...view.command].join(' '), 300)}`,
    ...(health
      ? list(`health ${health.status}, failing streak ${health.failingStreak}`, health.outputs)
      : []),
    ...list('ports', view.ports),
    ...list(
      'networks',
      Object.entries(view.networks).map(([name, address]) => `${name} ${address}`),
    ),
    ...list(
      'mounts',
      view.mounts.map(
        (mount) =>
          `${mount.type} ${mount.source} -> ${mount.destination}${mount.readOnly ? ' (read-only)' : ''}`,
      ),
    ),
    ...list(
      'environment',
      Object.entries(view.env).map(([name, value]) => `${name}=${value}`),
    ),
    ...list(
      'labels',
      Object.entries(view.labels).map(([name, value]) => `${name}=${value}`),
    ),
  ].join('\n');
}
