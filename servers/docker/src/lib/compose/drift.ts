import type { ComposeModel } from './model.ts';
import { isLinked, replicasOf } from './model.ts';

/** A container of a project, as its labels and the engine say. */
export interface ProjectContainer {
  id: string;
  name: string;
  service: string;
  imageId: string;
  image: string;
  configHash: string;
  running: boolean;
  state: string;
}

export type DriftState = 'same' | 'changed' | 'missing' | 'orphan' | 'stopped' | 'scale' | 'image_behind';

export interface ServiceDrift {
  service: string;
  state: DriftState;
  containers: number;
  wanted: number;
  /** Why, in words. */
  changes: string[];
}

export interface DriftInput {
  model: ComposeModel;
  /** Service → hash of the file's configuration. */
  hashes: ReadonlyMap<string, string>;
  containers: readonly ProjectContainer[];
  /** Service → id of the image that its tag stands for on the host now. */
  imageIds: ReadonlyMap<string, string>;
  /** Names of containers that compose would recreate, asked for where the hash alone says nothing. */
  recreated?: ReadonlySet<string>;
  /** What differs between file and container, for services whose hash differs. */
  explain?: (service: string, container: ProjectContainer) => string[];
}

/** The file against what runs, one row per service; worst first. Never says anything of stopped one-off containers. */
export function driftOf(input: DriftInput): ServiceDrift[] {
  const { model, containers } = input;
  const known = Object.keys(model.services);
  const orphans = [...new Set(containers.map(({ service }) => service))].filter(
    (name) => !known.includes(name),
  );
  const rows = known.map((service) => rowOf(input, service));
  for (const service of orphans) {
    const own = containers.filter((container) => container.service === service);
    rows.push({
      service,
      state: 'orphan',
      containers: own.length,
      wanted: 0,
      changes: ['runs, but the file does not have it'],
    });
  }
  return rows.sort(
    (a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.service.localeCompare(b.service),
  );
}

const ORDER: readonly DriftState[] = [
  'missing',
  'changed',
  'orphan',
  'scale',
  'stopped',
  'image_behind',
  'same',
];

function rowOf(
  { model, hashes, containers, imageIds, recreated, explain }: DriftInput,
  service: string,
): ServiceDrift {
  const wanted = replicasOf(model.services[service] ?? {});
  const own = containers.filter((container) => container.service === service);
  const row = (state: DriftState, changes: string[]): ServiceDrift => ({
    service,
    state,
    containers: own.length,
    wanted,
    changes,
  });
  if (own.length === 0) return wanted === 0 ? row('same', []) : row('missing', ['has no container']);
  const linked = isLinked(model.services[service] ?? {});
  const stale = own.filter(
    ({ name, configHash }) =>
      configHash !== hashes.get(service) && (!linked || recreated === undefined || recreated.has(name)),
  );
  const [first] = stale;
  if (first) {
    const why = explain?.(service, first) ?? [];
    return row('changed', why.length > 0 ? why : ['its configuration differs']);
  }
  if (own.length !== wanted) return row('scale', [`${own.length} of ${wanted} containers`]);
  const stopped = own.filter(({ running }) => !running);
  if (stopped.length > 0)
    return row('stopped', [`${stopped.length} not running: ${stopped[0]?.state ?? ''}`]);
  const behind = own.find(({ imageId }) => (imageIds.get(service) ?? imageId) !== imageId);
  if (behind) return row('image_behind', ['the host has a newer image under this tag']);
  return row('same', []);
}
