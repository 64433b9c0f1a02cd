import type { AuditLog } from '@flotilla/admission';
import type { Probe } from './finding.ts';

/** The hash chain of the audit log holds. */
export function auditProbe(audit: Pick<AuditLog, 'verify'>): Probe {
  return {
    area: 'audit log',
    look: async () => {
      const { ok, rows, broken } = await audit.verify();
      if (ok) return [{ status: 'ok', finding: `${rows} rows, the chain holds`, facts: { rows } }];
      return [
        {
          status: 'fail',
          finding: `The chain is broken at row ${broken?.seq}: ${broken?.reason}`,
          remedy:
            'Somebody or something changed the log outside Flotilla. Compare with a backup of the data folder.',
          facts: { rows, ...broken },
        },
      ];
    },
  };
}
