import type { Backend, MountedTool } from './backend/backend.ts';

export interface Route {
  backend: Backend;
  tool: MountedTool;
}

export interface Collision {
  name: string;
  offeredBy: string;
  hiddenIn: string;
}

/** Which mount answers for a name. Never changed: a new one is built and swapped in. */
export interface Registry {
  get(name: string): Route | undefined;
  /** In the order of the mounts, for listing. */
  readonly routes: readonly Route[];
  /** Tools that are not offered because another mount has the name. */
  readonly collisions: readonly Collision[];
}

/**
 * The first mount that has a name keeps it: mounts in this process come first, then our own ones, then the others,
 * each group in the order of the config. So no mounted server can take over a name of ours.
 */
export function buildRegistry(backends: readonly Backend[]): Registry {
  const rank = (backend: Backend): number => (backend.kind === 'local' ? 0 : backend.own ? 1 : 2);
  const routes = new Map<string, Route>();
  const collisions: Collision[] = [];
  for (const backend of backends.toSorted((a, b) => rank(a) - rank(b))) {
    for (const tool of backend.listTools()) {
      const { name } = tool.gateTool;
      const taken = routes.get(name);
      if (taken) collisions.push({ name, offeredBy: taken.backend.name, hiddenIn: backend.name });
      else routes.set(name, { backend, tool });
    }
  }
  return { get: (name) => routes.get(name), routes: [...routes.values()], collisions };
}
