import type { ServiceHost } from '@flotilla/core';
import { z } from 'zod';
import { samplingSettings } from '../sampling/settings.ts';

/** `servers.monitoring` of the config, as far as alerts are concerned. */
export const alertConfig = {
  alerts: z
    .boolean()
    .optional()
    .describe('Evaluate alert rules and send notices. Default: where hosts are looked at regularly'),
  evaluateS: z
    .number()
    .int()
    .min(1)
    .max(600)
    .default(15)
    .describe('Seconds between two evaluations of the alert rules'),
  notifyBases: z
    .strictObject({ slack: z.url(), discord: z.url(), telegram: z.url() })
    .partial()
    .default({})
    .describe('Base URLs of services of others, where a stand-in or gateway is used'),
};

const Config = z.object(alertConfig);
export type AlertSettings = z.infer<typeof Config>;

export const alertSettings = ({ config }: Pick<ServiceHost, 'config'>): AlertSettings => Config.parse(config);

/** Alerts need samples, so they are evaluated where the hosts are looked at. */
export const alertsWanted = (host: ServiceHost): boolean =>
  alertSettings(host).alerts ?? samplingSettings(host).enabled;
