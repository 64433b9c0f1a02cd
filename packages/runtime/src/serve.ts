import { createEndpoint, isFlotillaError, type ServerDefinition } from '@flotilla/core';
import { type Environment, openProcess, type ProcessBase } from './open-process.ts';
import { createRuntime } from './runtime.ts';
import { parseServeArguments, usage } from './serve-arguments.ts';
import { serveTransport, type TransportChoice } from './serve-transport.ts';
import { withHttpTokens } from './vault-references.ts';
import { VERSION } from './version.ts';

/** What main.ts hands over: the only reader of the process's environment and arguments. */
export interface ProcessInput {
  env: Environment;
  argv: readonly string[];
}

/**
 * Runs one server alone, over stdio (default) or HTTP, until its client goes away or a signal arrives.
 * Mounted by a hub, it leaves the fleet tools, admission and audit to that hub. Returns the exit code.
 */
export async function serve(server: ServerDefinition, input: ProcessInput): Promise<number> {
  const args = parseServeArguments(input.argv);
  if ('help' in args) {
    if (args.problem) process.stderr.write(`${args.problem}\n\n`);
    process.stderr.write(`${args.help === 'version' ? VERSION : usage(server)}\n`);
    return args.problem ? 2 : 0;
  }
  try {
    await serveUntilStopped(server, args, input.env);
    return 0;
  } catch (error) {
    if (!isFlotillaError(error)) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n${error.hint}\n`);
    return 1;
  }
}

async function serveUntilStopped(
  server: ServerDefinition,
  choice: TransportChoice,
  env: Environment,
): Promise<void> {
  const base = await openProcess(env);
  if (base.config.workers.hubUrl !== undefined && !base.identity.hubSecret) {
    await workForHub(server, choice, base);
    return;
  }
  const runtime = await createRuntime({
    ...base,
    servers: [server],
    background: true,
    longLived: choice.transport === 'http',
  });
  const own = runtime.lanes.get(server.name) ?? [];
  const fleet = base.identity.hubSecret ? [] : (runtime.lanes.get('fleet') ?? []);
  const endpoint = createEndpoint({
    info: {
      name: `flotilla-${server.name}`,
      version: VERSION,
      title: server.title,
      instructions: server.instructions,
    },
    tools: () => [...own, ...fleet],
    call: runtime.call,
    gate: runtime.gate,
    clientFilter: runtime.clientFilter,
  });
  try {
    const ready = ({ url, token }: { url: string; token: string }) => {
      process.stderr.write(`flotilla-${server.name} ready at ${url}\nAuthorization: Bearer ${token}\n`);
    };
    const served = choice.transport === 'http' ? withHttpTokens(base, runtime.services) : base;
    await serveTransport(endpoint, choice, served, ready, { pages: runtime.pages, hooks: runtime.hooks });
  } finally {
    await runtime.close();
  }
}

/** As a worker of its own lane; over HTTP it answers the hub's calls too. */
async function workForHub(
  server: ServerDefinition,
  choice: TransportChoice,
  base: ProcessBase,
): Promise<void> {
  const { runWorker } = await import('./worker/run-worker.ts');
  const { transport, ...http } = choice;
  await runWorker({
    base,
    servers: [server],
    ...(transport === 'http' && { http }),
    onReady: ({ worker, url }) => {
      process.stderr.write(
        `flotilla-${server.name} works as ${worker}${url ? ` and answers at ${url}` : ''}\n`,
      );
    },
  });
}
