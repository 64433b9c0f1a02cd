import type { CancelResult, CommandRunner, CommandState } from '@flotilla/core';
import type { Errands } from './errands.ts';

/**
 * A runner whose commands on hosts out of reach are asked about, stopped, answered and forgotten by a worker. It follows
 * none itself: their runs are in queues that this process does not take.
 */
export function errandRunner(
  own: CommandRunner,
  labelsOf: (alias: string) => readonly string[],
  errands: Errands,
): CommandRunner {
  const far = (alias: string): readonly string[] | undefined => {
    const labels = labelsOf(alias);
    return labels.length > 0 ? labels : undefined;
  };
  return {
    start: (alias, id, spec, options) => own.start(alias, id, spec, options),
    attach: (alias, id, options) => own.attach(alias, id, options),
    async status(alias, id) {
      const labels = far(alias);
      if (!labels) return own.status(alias, id);
      return (await errands.send(alias, labels, { do: 'status', id })) as CommandState;
    },
    async cancel(alias, id, options = {}) {
      const labels = far(alias);
      if (!labels) return own.cancel(alias, id, options);
      return (await errands.send(alias, labels, { do: 'cancel', id, options })) as CancelResult;
    },
    async answer(alias, id, question, text) {
      const labels = far(alias);
      if (!labels) return own.answer(alias, id, question, text);
      await errands.send(alias, labels, { do: 'answer', id, question, text });
    },
    async forget(alias, ids) {
      const labels = far(alias);
      if (!labels) return own.forget(alias, ids);
      await errands.send(alias, labels, { do: 'forget', ids });
    },
  };
}
