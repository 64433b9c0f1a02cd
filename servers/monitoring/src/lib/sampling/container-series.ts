import type { Labels, SeriesValue } from '@flotilla/metrics';
import { type Counters, rates } from './rates.ts';
import type { Container, Reading } from './reading.ts';

const MAX_CONTAINERS = 100;

export function containerLabels({ id, name, project, service }: Container): Labels {
  return {
    id: id.slice(0, 12),
    name: name ?? id.slice(0, 12),
    ...(project && { project }),
    ...(service && { service }),
  };
}

/** The busiest ones of a host that has more than fit. */
const shown = ({ containers }: Reading): Container[] =>
  containers.length <= MAX_CONTAINERS
    ? containers
    : [...containers].sort((a, b) => (b.memoryBytes ?? 0) - (a.memoryBytes ?? 0)).slice(0, MAX_CONTAINERS);

/** What containers use, in the names of cAdvisor. */
export function containerSeries(now: Reading, before: Reading | undefined, since: number): SeriesValue[] {
  const gauges = shown(now).flatMap((container) => {
    const labels = containerLabels(container);
    const gauge = (name: string, value: number | undefined): SeriesValue[] =>
      value === undefined ? [] : [{ name, labels, value }];
    return [
      ...gauge('container_memory_working_set_bytes', container.memoryBytes),
      ...gauge('container_spec_memory_limit_bytes', container.memoryLimitBytes),
      ...gauge('container_spec_cpu_cores', container.cpuLimit),
    ];
  });
  return [...gauges, ...rates(counters(shown(now)), before && counters(before.containers), since)];
}

function counters(containers: readonly Container[]): Counters {
  return containers.flatMap((container) => {
    const labels = containerLabels(container);
    const counter = (name: string, value: number | undefined): Counters =>
      value === undefined ? [] : [{ name, labels, value }];
    return [
      ...counter('container_cpu_usage_seconds_total', container.cpuSeconds),
      ...counter('container_cpu_cfs_throttled_seconds_total', container.throttledSeconds),
      ...counter('container_oom_events_total', container.oomKills),
    ];
  });
}
