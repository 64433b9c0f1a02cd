import { bindingAvailable, type HostLinks } from '@flotilla/ssh';
import type { Finding, Probe } from './finding.ts';

/** Hosts whose last connection failed, calls that wait for a channel, and which ciphers run. */
export function poolProbe(links: Pick<HostLinks, 'stats'>, nativeCiphers = bindingAvailable): Probe {
  return {
    area: 'ssh connections',
    look: () => {
      const stats = links.stats();
      const connections = stats.reduce((sum, one) => sum + one.connections, 0);
      const failing = stats.filter((one) => one.connections === 0 && one.lastError !== undefined);
      const queued = stats.reduce((sum, one) => sum + one.queued, 0);
      const found: Omit<Finding, 'area'>[] = [
        {
          status: 'ok',
          finding: `${connections} open to ${stats.length} host(s), ${queued} call(s) waiting for a channel`,
        },
      ];
      if (failing.length > 0)
        found.push({
          status: 'warn',
          finding: `No connection to ${failing
            .map((one) => one.alias)
            .slice(0, 10)
            .join(', ')}${failing.length > 10 ? ` and ${failing.length - 10} more` : ''}`,
          remedy: 'server_test says why.',
          facts: Object.fromEntries(failing.map((one) => [one.alias, one.lastError])),
        });
      found.push({
        status: 'ok',
        finding: nativeCiphers
          ? 'ciphers of ssh2: native'
          : 'ciphers of ssh2: JavaScript (bulk transfers are slower)',
        facts: { nativeCiphers },
      });
      return found;
    },
  };
}
