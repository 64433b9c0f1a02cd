import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { FlotillaError, isFlotillaError, type PublishedTool } from '@flotilla/core';
import { type StdioServing, serveStdio } from '@flotilla/core/mcp';
import { openProcess, type ProcessBase, untilStopped } from '@flotilla/runtime/process';
import { type EarlyEndpoint, earlyEndpoint } from '../../early-endpoint.ts';
import type { World } from '../world.ts';
import { withLogFile } from './log-file.ts';
import { usePreparedTools } from './prepared-tools.ts';

/** How long a client that was just started may take to ask for the tools before it has to wait for the rest. */
const FIRST_LIST_MS = 1_000;
/** How long the answer to that may be under way: opening keeps this process busy for longer than the whole start. */
const ANSWER_MS = 30;

/** Serves MCP on stdin and stdout until the client closes them or a signal arrives. Returns the exit code. */
export async function run(world: World): Promise<number> {
  try {
    const base = withLogFile(await openProcess(world.env));
    const prepared = usePreparedTools(world, base.config);
    if (prepared && !base.config.mounts) await serveEarly(base, prepared);
    else await serveOpened(base);
    return 0;
  } catch (error) {
    if (!isFlotillaError(error)) throw error;
    world.stderr.write(`${error.code}: ${error.message}\n${error.hint}\n`);
    return 1;
  }
}

/** The data folder, SSH and all tools are loaded only here: they are most of a start. */
async function open(base: ProcessBase) {
  const { openHub } = await import('../../hub.ts');
  return openHub(base, { background: true });
}

async function serveOpened(base: ProcessBase): Promise<void> {
  const hub = await open(base);
  try {
    const served = await serve(hub.endpoint, base);
    await untilStopped(served.closed);
    await served.close();
  } finally {
    await hub.close();
  }
}

/** Lists its tools first and opens the rest right behind, whether or not anything is called. */
async function serveEarly(base: ProcessBase, tools: readonly PublishedTool[]): Promise<void> {
  const front = earlyEndpoint(tools, base.config);
  const served = await serve(front, base);
  const stopped = untilStopped(served.closed);
  const needed = Promise.race([front.called, stopped]);
  await Promise.race([front.listed, needed, delay(FIRST_LIST_MS)]);
  await Promise.race([needed, delay(ANSWER_MS)]);
  const hub = await opened(base, front, served, stopped);
  try {
    await stopped;
    await served.close();
  } finally {
    await hub.close();
  }
}

/** Calls that waited begin now, unless this process was told to stop meanwhile. */
async function opened(base: ProcessBase, front: EarlyEndpoint, served: StdioServing, stopped: Promise<void>) {
  let stopping = false;
  void stopped.then(() => {
    stopping = true;
  });
  try {
    const hub = await open(base);
    // A signal that came meanwhile is heard only now.
    await nextTurn();
    if (stopping) {
      front.fail(
        new FlotillaError('CANCELLED', 'Flotilla was stopped before the call began; nothing was started.'),
      );
      await nextTurn();
    } else front.open(hub.endpoint);
    return hub;
  } catch (error) {
    front.fail(error);
    await nextTurn();
    await served.close();
    throw error;
  }
}

const serve = (endpoint: EarlyEndpoint | Parameters<typeof serveStdio>[0], { log, identity }: ProcessBase) =>
  serveStdio(endpoint, {
    log,
    uid: identity.uid,
    ...(identity.hubSecret && { hubSecret: identity.hubSecret }),
  });
