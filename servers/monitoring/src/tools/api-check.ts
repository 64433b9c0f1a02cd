import { defineTool, HostAlias } from '@flotilla/core';
import { z } from 'zod';
import { apiResult, apiResultShape, apiResultText } from '../lib/api/api-result.ts';
import { checkApi } from '../lib/api/check-api.ts';
import { apiCatalogue } from '../lib/api/service.ts';
import { ApiAlias } from '../lib/api/settings.ts';
import { HUB, vantages } from '../lib/probe/service.ts';

export const apiCheck = defineTool({
  name: 'api_check',
  title: 'Check an API',
  description:
    'Whether a registered API is up: status code, time, certificate, and why not if it is down; it logs in as registered. ' +
    'Checked from the hub, or with server_alias as that host reaches it, e.g. an API that listens on its 127.0.0.1. ' +
    'check_add watches one all the time.',
  effect: 'read',
  input: z.object({
    alias: ApiAlias,
    server_alias: HostAlias.optional().describe('Host to check from; default the hub'),
  }),
  output: z.object({ alias: z.string(), ...apiResultShape }),
  targets: ({ server_alias }) => server_alias,
  run: async (context, { alias, server_alias }) => {
    const [catalogue, { dial }] = await Promise.all([context.use(apiCatalogue), context.use(vantages)]);
    const from = server_alias ?? HUB;
    if (server_alias !== undefined) context.hosts.resolve(server_alias);
    const { hosts, signal } = context;
    const finding = await checkApi({ catalogue, hosts, dial, signal }, catalogue.get(alias), from);
    return { alias, ...apiResult(from, finding) };
  },
  text: ({ alias, ...result }) => apiResultText(alias, result),
});
