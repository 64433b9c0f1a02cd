import type { Probe } from '@flotilla/fleet';
import type { Presence } from '@flotilla/workers';
import type { Backend } from './backend/backend.ts';
import type { Delegated } from './delegated.ts';

/** Servers whose runs workers take: is one there, and does it answer calls? */
export function workersProbe(
  { names, withoutQueue }: Pick<Delegated, 'names' | 'withoutQueue'>,
  presence: () => Presence | undefined,
  answering: readonly Backend[],
): Probe {
  return {
    area: 'workers',
    look: () => {
      const present = presence()?.list() ?? [];
      const lanes = [...names].map((lane) => {
        const here = present.filter(({ lanes: own }) => own.includes(lane));
        const facts = { lane, workers: here.map(({ id, labels }) => ({ id, labels })) };
        const [lost] = here.filter(({ queueTrouble }) => queueTrouble !== undefined);
        if (lost)
          return {
            status: 'fail' as const,
            finding: `${lane}: the worker ${lost.id} takes no runs: ${lost.queueTrouble}`,
            remedy: 'Give it the FLOTILLA_REDIS_URL of the hub, and see that it can reach that address.',
            facts,
          };
        if (here.length > 0)
          return { status: 'ok' as const, finding: `${lane}: ${here.length} workers take its runs`, facts };
        return {
          status: 'warn' as const,
          finding: `no worker takes runs of ${lane}: they wait`,
          remedy: `Start one: flotilla worker --lanes ${lane}, with FLOTILLA_HUB_URL and its token.`,
          facts,
        };
      });
      const silent = answering
        .filter(({ state }) => state.status !== 'ready')
        .map(({ name, state }) => ({
          status: 'fail' as const,
          finding: `the worker of ${name} does not answer calls: ${state.status === 'unavailable' ? state.cause : state.status}`,
          remedy: `Look at its entry in mcpServers of the config, and at the log of flotilla-${name}.`,
          facts: { ...state, name },
        }));
      const alone = withoutQueue.map((lane) => ({
        status: 'warn' as const,
        finding: `runs of ${lane} are taken here: workers see no queue`,
        remedy: 'Set FLOTILLA_REDIS_URL, here and for the workers.',
        facts: { lane },
      }));
      return [...lanes, ...alone, ...silent];
    },
  };
}
