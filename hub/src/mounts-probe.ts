import { formatDuration } from '@flotilla/core';
import type { Finding, Probe } from '@flotilla/fleet';
import type { Backend } from './backend/backend.ts';
import { buildRegistry, type Collision } from './registry.ts';

type Line = Omit<Finding, 'area'>;

function stateLine({ name, kind, state, listTools }: Backend): Line {
  const tools = listTools().length;
  const facts = { name, kind, tools, ...state };
  switch (state.status) {
    case 'ready': {
      const { server, pid } = state;
      const who = server
        ? ` (${server.name} ${server.version}${pid === undefined ? '' : `, process ${pid}`})`
        : '';
      return { status: 'ok', finding: `${name}: ${tools} tools, ${kind}${who}`, facts };
    }
    case 'unavailable':
      return {
        status: 'fail',
        finding: `${name} is not available: ${state.cause}; tried again within ${formatDuration(state.retryInMs)}`,
        remedy: `Look at its entry in mcpServers of the config${state.remote === undefined ? '' : ' and at its last words with verbose'}; task_logs {"search":"${name}"} shows what it said.`,
        facts,
      };
    case 'connecting':
      return { status: 'warn', finding: `${name} is being connected (attempt ${state.attempt})`, facts };
    case 'closed':
      return { status: 'warn', finding: `${name} is being stopped`, facts };
  }
}

/**
 * Every mounted server: does it answer, what of its list was left out, which names collide. A server of ours
 * behind a `url` lists the fleet tools too; that they are hidden there is how it should be.
 */
export function mountsProbe(backends: readonly Backend[]): Probe {
  const runsElsewhere = backends.filter(({ own, kind }) => own && kind === 'http').map(({ name }) => name);
  const unexpected = ({ offeredBy, hiddenIn }: Collision): boolean =>
    !(offeredBy === 'fleet' && runsElsewhere.includes(hiddenIn));
  return {
    area: 'mounted servers',
    look: () => {
      const left: Line[] = backends
        .filter(({ issues }) => issues.length > 0)
        .map(({ name, issues }) => ({
          status: 'warn',
          finding: `${name}: ${issues.join('; ')}`,
          remedy: 'Report it to the maker of that server.',
        }));
      const hidden: Line[] = buildRegistry(backends)
        .collisions.filter(unexpected)
        .map(({ name, offeredBy, hiddenIn }) => ({
          status: 'warn',
          finding: `${name} of ${hiddenIn} is hidden by ${offeredBy}`,
          remedy: 'Give one of the two another name in mcpServers.',
        }));
      return [...backends.map(stateLine), ...left, ...hidden];
    },
  };
}
