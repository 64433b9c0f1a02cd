import { type AnyTool, defineTool } from '@flotilla/core';
import type { HostEntry } from '@flotilla/inventory';
import { z } from 'zod';
import { textTable } from '../text/table.ts';
import { ago, iso } from '../text/time.ts';
import type { HostToolsDeps } from './deps.ts';

const Row = z.object({
  alias: z.string(),
  host: z.string(),
  port: z.number(),
  user: z.string(),
  auth: z.array(z.string()).describe('key, password, agent: what a login uses'),
  keyPath: z.string().optional(),
  jump: z.string().optional(),
  groups: z.array(z.string()),
  env: z.string().optional(),
  tags: z.array(z.string()),
  sudo: z.string(),
  transport: z.string(),
  readonly: z.boolean().optional(),
  protected: z.boolean().optional(),
  fingerprints: z.array(z.string()),
  connection: z.enum(['open', 'closed']).describe('Of this process'),
  os: z.string().optional(),
  addedAt: z.string(),
  lastSeen: z.string().optional(),
});
type Row = z.infer<typeof Row>;

const MOST_ROWS = 1_000;

export function serverList(deps: HostToolsDeps): AnyTool {
  const now = deps.now ?? Date.now;
  return defineTool({
    name: 'server_list',
    title: 'Registered hosts',
    description:
      'Lists the registered hosts with address, groups, environment, tags and when they were last seen; never secrets. ' +
      'It connects to none of them: fleet_status asks who is online.',
    effect: 'read',
    openWorld: false,
    targets: () => undefined,
    input: z.object({
      group: z.string().max(100).optional().describe('Only hosts of this group'),
      env: z.string().max(100).optional().describe('Only hosts of this environment'),
      tag: z.string().max(100).optional().describe('Only hosts with this tag'),
      text: z.string().max(200).optional().describe('Part of alias, address, user or a label, any case'),
    }),
    output: z.object({ rows: z.array(Row), total: z.number() }),
    run: async (_, filter) => {
      const open = new Set(
        deps.links
          .stats()
          .filter((link) => link.connections > 0)
          .map((link) => link.alias),
      );
      const found = deps.inventory.list(filter);
      return {
        rows: found.slice(0, MOST_ROWS).map((host) => row(host, open.has(host.alias))),
        total: found.length,
      };
    },
    text: ({ rows, total }, filter) => {
      if (total === 0) {
        const filtered = Object.values(filter).some((value) => value !== undefined);
        return filtered
          ? 'No host matches.'
          : 'No host is registered. server_add adds one, server_import takes them from ~/.ssh/config.';
      }
      const more =
        total > rows.length ? `\n${total - rows.length} more: filter by group, env, tag or text.` : '';
      return `${total} host${total === 1 ? '' : 's'}\n${table(rows, now())}${more}`;
    },
  });
}

function row(host: HostEntry, connected: boolean): Row {
  const auth = [
    host.keyPath !== undefined && 'key',
    host.secrets.includes('password') && 'password',
    host.agent !== undefined && 'agent',
  ].filter((one) => typeof one === 'string');
  const os = host.facts?.['os'];
  return {
    alias: host.alias,
    host: host.host,
    port: host.port,
    user: host.user,
    auth,
    ...(host.keyPath !== undefined && { keyPath: host.keyPath }),
    ...(host.jump !== undefined && { jump: host.jump }),
    groups: host.groups,
    ...(host.env !== undefined && { env: host.env }),
    tags: host.tags,
    sudo: host.sudo,
    transport: host.transport,
    ...(host.readonly && { readonly: true }),
    ...(host.protected && { protected: true }),
    fingerprints: host.hostKeys.map((pin) => pin.fingerprint),
    connection: connected ? 'open' : 'closed',
    ...(typeof os === 'string' && { os }),
    addedAt: iso(host.addedAt),
    ...(host.lastSeen !== undefined && { lastSeen: iso(host.lastSeen) }),
  };
}

const table = (rows: readonly Row[], now: number): string =>
  textTable(
    ['alias', 'address', 'groups', 'env', 'tags', 'guard', 'via', 'os', 'last seen'],
    rows.map((host) => [
      host.alias,
      `${host.user}@${host.host}${host.port === 22 ? '' : `:${host.port}`}`,
      host.groups.join(' '),
      host.env,
      host.tags.join(' '),
      [host.readonly && 'readonly', host.protected && 'protected'].filter(Boolean).join(' '),
      host.jump,
      host.os,
      host.connection === 'open' ? 'connected' : host.lastSeen && ago(host.lastSeen, now),
    ]),
  );
