import { stat } from 'node:fs/promises';
import { formatBytes } from '@flotilla/core';
import type { StateStore } from '@flotilla/store';
import type { Probe } from './finding.ts';

/** SQLite's own check of the state file. */
export function stateFileProbe(store: Pick<StateStore, 'file' | 'check'>): Probe {
  return {
    area: 'state file',
    look: async () => {
      const { size } = await stat(store.file);
      const facts = { file: store.file, bytes: size };
      const answer = store.check();
      if (answer === 'ok')
        return [{ status: 'ok', finding: `${store.file}, ${formatBytes(size)}, no damage found`, facts }];
      return [
        {
          status: 'fail',
          finding: `${store.file} is damaged: ${answer}`,
          remedy: 'Stop every flotilla process and restore a backup from the folder "backups" beside it.',
          facts,
        },
      ];
    },
  };
}
