import {
  anyHostFailed,
  defineTool,
  fanOutArguments,
  fenceRemote,
  HostTarget,
  hostRowSchema,
  hostRows,
} from '@flotilla/core';
import { z } from 'zod';
import { failedText } from '../lib/host/failed.ts';
import { readHost } from '../lib/host/read-host.ts';
import { sectionMarks } from '../lib/host/sections.ts';
import { counted } from '../lib/host/words.ts';
import { portScript } from '../lib/ports/port-script.ts';
import { Port, portsOf } from '../lib/ports/ports.ts';

export const portList = defineTool({
  name: 'port_list',
  title: 'Listening ports',
  description:
    'What listens on TCP and UDP, with process, user, unit or container, and who can reach it: loopback, private or public addresses, blocked by ufw or nftables, or published by Docker past the firewall. ' +
    'Process names of other users need root or sudo.',
  effect: 'read',
  input: z.object({
    alias: HostTarget,
    exposure: z
      .enum(['loopback', 'private', 'public'])
      .optional()
      .describe('Only listeners that are this exposed'),
    port: z.number().int().min(1).max(65_535).optional().describe('Only this port'),
    limit: z
      .number()
      .int()
      .min(1)
      .max(2000)
      .default(200)
      .describe('Ports per host at most, the most exposed first'),
    ...fanOutArguments,
  }),
  output: z.object({
    rows: z.array(
      hostRowSchema({
        firewall: z.enum(['ufw', 'nft', 'none']).describe('none: none was found, or it cannot be read'),
        incoming: z
          .enum(['allow', 'deny', 'unknown'])
          .describe('What the firewall does with ports that no rule names'),
        publicPorts: z.number().int(),
        ports: z.array(Port),
        leftOut: z.number().int(),
      }),
    ),
  }),
  isError: anyHostFailed,
  run: async (context, input) => ({
    rows: await hostRows(context, input, async (alias) => {
      const marks = sectionMarks();
      const result = await readHost(context, alias, portScript(marks), { maxBytes: 8 * 1024 * 1024 });
      const { ports, firewall } = portsOf(marks.parse(result.stdout));
      const wanted = ports.filter(
        (row) =>
          (input.exposure === undefined || row.exposure === input.exposure) &&
          (input.port === undefined || row.port === input.port),
      );
      return {
        firewall: firewall.kind,
        incoming: firewall.incoming,
        publicPorts: wanted.filter(
          ({ exposure, firewall: verdict }) => exposure === 'public' && verdict !== 'blocked',
        ).length,
        ports: wanted.slice(0, input.limit),
        leftOut: Math.max(0, wanted.length - input.limit),
      };
    }),
  }),
  text: ({ rows }) =>
    rows
      .map((row) => {
        if (!row.ports) return failedText(row);
        const lines = row.ports.map(
          (port) =>
            `${port.protocol}/${port.port} ${port.exposure}${port.firewall === 'unknown' ? '' : ` ${port.firewall}`} on ${port.addresses.join(' ')}  ${[
              port.process ?? '?',
              port.pid && `pid ${port.pid}`,
              port.user && `user ${port.user}`,
              port.unit,
              port.container && `container ${port.container}`,
            ]
              .filter(Boolean)
              .join(', ')}`,
        );
        const filter =
          row.firewall === 'none' ? 'no firewall seen' : `${row.firewall}, incoming ${row.incoming}`;
        const more = row.leftOut ? `, ${row.leftOut} not shown (raise limit)` : '';
        return `${row.alias}: ${counted(row.publicPorts ?? 0, 'port')} open to any address (${filter})${more}\n${fenceRemote(lines.join('\n'), `listeners of ${row.alias}`)}`;
      })
      .join('\n\n'),
});
