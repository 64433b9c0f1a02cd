import { FlotillaError } from '@flotilla/core';
import { openProcess, type ProcessBase, serveTransport, VERSION, withHttpTokens } from '@flotilla/runtime';
import { banner } from '../../banner.ts';
import { type Hub, openHub } from '../../hub.ts';
import type { Cli } from '../cli.ts';
import { httpConnection, stdioConnection } from '../connections.ts';
import { withLogFile } from './log-file.ts';
import { usePreparedTools } from './prepared-tools.ts';

export interface HttpChoice {
  host: string | undefined;
  port: number | undefined;
  banner: boolean;
  json: boolean;
}

/** Serves over HTTP until a signal arrives. */
export async function serveHttp(cli: Cli, choice: HttpChoice): Promise<number> {
  const base = withLogFile(await openProcess(cli.world.env));
  usePreparedTools(cli.world, base.config);
  const hub = await openHub(base, { background: true, longLived: true });
  const { host, port } = choice;
  const listen = { transport: 'http' as const, ...(host && { host }), ...(port !== undefined && { port }) };
  try {
    const ready = (http: { url: string; token: string }) => announce(cli, hub, base, http, choice);
    const served = withHttpTokens(base, hub.runtime.services);
    await serveTransport(hub.endpoint, listen, served, ready, {
      pages: hub.runtime.pages,
      hooks: hub.runtime.hooks,
      ...(hub.workers && { route: hub.workers.route }),
    });
  } catch (error) {
    throw listenFailure(error, host ?? base.config.http.host, port ?? base.config.http.port);
  } finally {
    await hub.close();
  }
  return 0;
}

function announce(
  cli: Cli,
  hub: Hub,
  base: ProcessBase,
  http: { url: string; token: string },
  choice: HttpChoice,
): void {
  const { world, terminal } = cli;
  const { config, identity } = base;
  const facts = {
    version: VERSION,
    readyMs: performance.now(),
    url: http.url,
    servers: hub.backends.map(({ name }) => name).filter((name) => name !== 'fleet'),
    tools: hub.endpoint.listTools({ id: 'token:default', kind: 'token' }).length,
    dataDir: config.dataDir,
  };
  if (choice.json) terminal.json(facts);
  else if (choice.banner)
    terminal.print(
      banner(
        {
          ...facts,
          program: `${world.launch.root}/bin/flotilla`,
          stdio: stdioConnection(world, base),
          http: httpConnection(world, http.url, http.token),
          places: { platform: world.platform, home: identity.homedir, env: world.env },
        },
        terminal.color,
      ),
    );
  else terminal.note(`Flotilla ${VERSION} ready at ${http.url} with ${facts.tools} tools.`);
}

/** The way out of what keeps a port from being listened on; anything else as it is. */
function listenFailure(error: unknown, host: string, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const details = { host, port, cause: code };
  if (code === 'EADDRINUSE')
    return new FlotillaError('CONFLICT', `Port ${port} on ${host} is taken, perhaps by another Flotilla.`, {
      details,
      hint: 'Use that one, or choose another: flotilla serve --http --port 0 (or FLOTILLA_HTTP_PORT).',
    });
  if (code === 'EACCES')
    return new FlotillaError('DENIED', `This user may not listen on port ${port}.`, {
      details,
      hint: 'Choose a port above 1023: flotilla serve --http --port 7700',
    });
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new FlotillaError('INVALID_INPUT', `${host} is no address of this machine.`, {
      details,
      hint: 'Use 127.0.0.1, or 0.0.0.0 for every interface.',
    });
  return error;
}
