import { HostTarget, type ServiceHost } from '@flotilla/core';
import { z } from 'zod';

/** `servers.monitoring` of the config, as far as sampling is concerned. */
export const samplingConfig = {
  sample: z
    .boolean()
    .optional()
    .describe('Look at hosts regularly. Default: only in a process that serves over HTTP'),
  intervalS: z.number().int().min(1).max(3600).default(15).describe('Seconds between two looks at a host'),
  hosts: HostTarget.default('all').describe('Which hosts are looked at'),
};

export interface SamplingSettings {
  enabled: boolean;
  intervalMs: number;
  hosts: string | readonly string[];
}

const Config = z.object(samplingConfig);

/** A process that serves one client over stdio opens no connections unasked. */
export function samplingSettings({
  config,
  longLived = false,
}: Pick<ServiceHost, 'config' | 'longLived'>): SamplingSettings {
  const { sample, intervalS, hosts } = Config.parse(config);
  return { enabled: sample ?? longLived, intervalMs: intervalS * 1000, hosts };
}
