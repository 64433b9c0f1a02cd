import { startProxy, type TestProxy } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { SHELL_HOSTS, type ShellHost, startWorld, type World, whyNot } from './shell-hosts.ts';

interface HostSuite {
  kind: ShellHost;
  /** Filled before the first test. */
  world: World;
  /** Between the hub and the host; only in suites behind a proxy. */
  proxy: TestProxy;
  /** Skips on machines where such a host cannot be had. */
  it: ReturnType<typeof test.skipIf>;
}

/** The same tests against every kind of host; `title` is what comes before the kind. */
export function describeHosts(
  title: string,
  body: (suite: HostSuite) => void,
  options: { behindProxy?: boolean; kinds?: readonly ShellHost[] } = {},
): void {
  describe.each(options.kinds ?? SHELL_HOSTS)(`${title} on a %s host`, (kind) => {
    const reason = whyNot(kind);
    const world = {} as World;
    const proxy = {} as TestProxy;
    beforeAll(async () => {
      if (reason !== undefined) return;
      const port = async ({ port: target }: { port: number }): Promise<number> => {
        Object.assign(proxy, await startProxy({ port: target }));
        return proxy.port;
      };
      Object.assign(world, await startWorld(kind, options.behindProxy ? { port } : {}));
    });
    afterAll(async () => {
      await world.stop?.();
      await proxy.stop?.();
    });
    body({ kind, world, proxy, it: test.skipIf(reason !== undefined) });
  });
}
