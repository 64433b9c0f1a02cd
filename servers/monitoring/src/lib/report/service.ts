import { defineService } from '@flotilla/core';
import { alertCentre } from '../alerts/centre.ts';
import { checks } from '../checks/service.ts';
import { metricsStore } from '../series/metrics-store.ts';
import type { ReportParts } from './report.ts';

/** What a report is made from. */
export const reportParts = defineService<ReportParts>({
  name: 'report',
  open: async (host) => {
    const [centre, metrics, checkStore] = await Promise.all([
      host.use(alertCentre),
      host.use(metricsStore),
      host.use(checks),
    ]);
    return { audit: host.audit, metrics, checks: checkStore, centre };
  },
});
