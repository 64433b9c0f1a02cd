import type { Probe } from '@flotilla/fleet';
import type { Presence } from '@flotilla/workers';
import type { Backend } from './backend/backend.ts';

/** Servers whose runs workers take: is one there, and does it answer calls? */
export function workersProbe(
  delegated: ReadonlySet<string>,
  presence: () => Presence | undefined,
  answering: readonly Backend[],
): Probe {
  return {
    area: 'workers',
    look: () => {
      const present = presence()?.list() ?? [];
      const lanes = [...delegated].map((lane) => {
        const here = present.filter(({ lanes: own }) => own.includes(lane));
        const facts = { lane, workers: here.map(({ id, labels }) => ({ id, labels })) };
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
      return [...lanes, ...silent];
    },
  };
}
