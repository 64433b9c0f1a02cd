import { join } from 'node:path';
import { defineService } from '@flotilla/core';
import { type Metrics, openMetrics } from '@flotilla/metrics';

/** The history of all hosts, shared by all processes of a data folder; the sampler writes it. */
export const metricsStore = defineService<Metrics>({
  name: 'metrics',
  open: ({ settings }) => openMetrics({ file: join(settings.dataDir, 'metrics.sqlite') }),
  close: (metrics) => metrics.close(),
});
