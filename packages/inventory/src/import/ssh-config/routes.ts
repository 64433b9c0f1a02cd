import { isAlias, suggestName } from '../names.ts';
import type { Settings } from './evaluate.ts';
import { type Hop, jumpOfProxyCommand, parseProxyJump } from './jump-spec.ts';

/** One machine to be registered: the name as ssh would be given it, what the config says, and the bastion before it. */
export interface Stop {
  alias: string;
  name: string;
  settings: Settings;
  jump?: string;
}

/** Settings of a name, with what was given along with it. */
export type Lookup = (name: string, given?: Omit<Hop, 'host'>) => Settings;

export interface Routes {
  /** Bastions before the machines behind them. */
  stops: Stop[];
  /** Alias → why it cannot be reached as written. */
  broken: Map<string, string>;
}

const MOST_HOPS = 8;

/**
 * Turns every ProxyJump into a chain of registered bastions. A hop is the alias of that name where it means the same
 * machine, user and route; otherwise it becomes an alias of its own.
 */
export function planRoutes(names: readonly string[], lookup: Lookup): Routes {
  const stops = new Map<string, Stop>();
  const broken = new Map<string, string>();
  const underway: string[] = [];

  const visitName = (name: string): string => {
    const known = stops.get(name);
    if (known) return known.alias;
    if (underway.includes(name))
      throw new RouteError(`its ProxyJump leads back to itself: ${[...underway, name].join(' → ')}`);
    underway.push(name);
    try {
      const settings = lookup(name);
      const hops = hopsOf(settings);
      if (hops === undefined)
        throw new RouteError(`its ProxyJump cannot be understood: ${settings.proxyJump}`);
      const jump = visitHops(hops);
      stops.set(name, { alias: name, name, settings, ...(jump !== undefined && { jump }) });
      return name;
    } finally {
      underway.pop();
    }
  };

  const visitHops = (hops: readonly Hop[]): string | undefined => {
    if (hops.length > MOST_HOPS) throw new RouteError(`it has more than ${MOST_HOPS} bastions`);
    let before: string | undefined;
    for (const [index, hop] of hops.entries()) before = visitHop(hop, before, index === 0);
    return before;
  };

  /** ssh reads the config of the first hop with its own ProxyJump; the route of later ones is what -J says. */
  const visitHop = (hop: Hop, before: string | undefined, first: boolean): string => {
    const { host, ...given } = hop;
    if (first && Object.keys(given).length === 0 && isAlias(host)) return visitName(host);
    const settings = lookup(host, given);
    let jump = before;
    if (first) {
      const own = hopsOf(settings) ?? [];
      if (own[0]?.host === host) throw new RouteError(`its ProxyJump leads back to itself: ${host}`);
      jump = visitHops(own);
    }
    const wanted = { name: host, settings, ...(jump !== undefined && { jump }) };
    const same = [...stops.values()].find((stop) => meansSame(stop, wanted));
    if (same) return same.alias;
    const taken = new Set([...stops.keys(), ...names]);
    const alias = suggestName(hopName(hop), taken);
    stops.set(alias, { alias, ...wanted });
    return alias;
  };

  for (const name of names) {
    try {
      visitName(name);
    } catch (error) {
      if (!(error instanceof RouteError)) throw error;
      broken.set(name, error.message);
      underway.length = 0;
    }
  }
  return { stops: [...stops.values()], broken };
}

class RouteError extends Error {}

const hopName = ({ host, user, port }: Hop): string =>
  [user, host, port].filter((part) => part !== undefined).join('-');

const meansSame = (stop: Omit<Stop, 'alias'>, wanted: Omit<Stop, 'alias'>): boolean =>
  stop.settings.hostname === wanted.settings.hostname &&
  stop.settings.port === wanted.settings.port &&
  stop.settings.user === wanted.settings.user &&
  stop.jump === wanted.jump;

/** Undefined when a ProxyJump is there and cannot be understood; a ProxyCommand that is none has no hops. */
function hopsOf(settings: Settings): Hop[] | undefined {
  const jump =
    settings.proxyJump ??
    (settings.proxyCommand === undefined ? undefined : jumpOfProxyCommand(settings.proxyCommand));
  return jump === undefined ? [] : parseProxyJump(jump);
}
