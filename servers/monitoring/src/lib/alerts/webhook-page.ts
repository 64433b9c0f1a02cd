import type { HttpPage } from '@flotilla/core';
import { alertCentre } from './centre.ts';
import { receiveAlerts } from './incoming.ts';

/** Where an Alertmanager posts to: `webhook_configs[].url`, with the token as `http_config.authorization`. */
export const alertmanagerPage: HttpPage = {
  path: '/alertmanager/webhook',
  async receive(host, body) {
    const { alerts } = await host.use(alertCentre);
    const counts = await receiveAlerts(alerts, body, Date.now());
    return { type: 'application/json', body: JSON.stringify(counts) };
  },
};
