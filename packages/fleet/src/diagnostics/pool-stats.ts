import { type AnyTool, defineTool, formatDuration } from '@flotilla/core';
import type { HostLinks } from '@flotilla/ssh';
import { z } from 'zod';
import { textTable } from '../text/table.ts';

export function poolStats(links: Pick<HostLinks, 'stats'>): AnyTool {
  return defineTool({
    name: 'pool_stats',
    title: 'SSH connections',
    description:
      'Shows the SSH connections per host: open, busy and idle channels, waiting calls, reconnects, time to connect and the last error.',
    effect: 'read',
    openWorld: false,
    input: z.object({}),
    output: z.object({
      rows: z.array(
        z.object({
          alias: z.string(),
          connections: z.number(),
          busyChannels: z.number(),
          idleChannels: z.number(),
          queued: z.number().describe('Calls that wait for a channel'),
          reconnects: z.number(),
          connectMs: z.number().optional().describe('Of the last handshake'),
          lastError: z.string().optional(),
        }),
      ),
    }),
    run: async () => ({
      rows: links
        .stats()
        .map(
          ({ alias, connections, busyChannels, idleChannels, queued, reconnects, connectMs, lastError }) => ({
            alias,
            connections,
            busyChannels,
            idleChannels,
            queued,
            reconnects,
            ...(connectMs !== undefined && { connectMs }),
            ...(lastError !== undefined && { lastError }),
          }),
        ),
    }),
    text: ({ rows }) =>
      rows.length === 0
        ? 'No connection is open; one opens with the first call to a host.'
        : textTable(
            ['host', 'connections', 'busy', 'idle', 'waiting', 'reconnects', 'connect', 'last error'],
            rows.map((row) => [
              row.alias,
              String(row.connections),
              String(row.busyChannels),
              String(row.idleChannels),
              String(row.queued),
              String(row.reconnects),
              row.connectMs === undefined ? undefined : formatDuration(row.connectMs),
              row.lastError,
            ]),
          ),
  });
}
