import { isFlotillaError } from '@flotilla/core';
import { openProcess, serveTransport } from '@flotilla/runtime';
import { openHub } from '../../hub.ts';
import type { World } from '../world.ts';
import { withLogFile } from './log-file.ts';
import { usePreparedTools } from './prepared-tools.ts';

/** Serves MCP on stdin and stdout until the client closes them or a signal arrives. Returns the exit code. */
export async function run(world: World): Promise<number> {
  usePreparedTools(world);
  try {
    const base = withLogFile(await openProcess(world.env));
    const hub = await openHub(base, { background: true });
    try {
      await serveTransport(hub.endpoint, { transport: 'stdio' }, base);
    } finally {
      await hub.close();
    }
    return 0;
  } catch (error) {
    if (!isFlotillaError(error)) throw error;
    world.stderr.write(`${error.code}: ${error.message}\n${error.hint}\n`);
    return 1;
  }
}
