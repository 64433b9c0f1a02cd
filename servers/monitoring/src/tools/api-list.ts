import { defineTool } from '@flotilla/core';
import { z } from 'zod';
import { LastCheck } from '../lib/api/catalogue.ts';
import { apiCatalogue } from '../lib/api/service.ts';
import { ApiSettings } from '../lib/api/settings.ts';
import { counted, relative } from '../lib/host/words.ts';

export const apiList = defineTool({
  name: 'api_list',
  title: 'List APIs',
  description:
    'The registered APIs: address, how to log in, what counts as up, and the result of the last check. Secrets are never shown, only whether there are any.',
  effect: 'read',
  openWorld: false,
  input: z.object({
    text: z.string().max(200).optional().describe('Only APIs whose name, address or notes contain this'),
  }),
  output: z.object({
    apis: z.array(
      ApiSettings.extend({
        alias: z.string(),
        has_api_key: z.boolean(),
        has_htpasswd_pass: z.boolean(),
        last_check: LastCheck.optional(),
      }),
    ),
  }),
  run: async (context, { text }) => {
    const catalogue = await context.use(apiCatalogue);
    const apis = catalogue.list().map(({ alias, settings, has, lastCheck }) => ({
      alias,
      ...settings,
      has_api_key: has.api_key,
      has_htpasswd_pass: has.htpasswd_pass,
      ...(lastCheck && { last_check: lastCheck }),
    }));
    const matches = ({ alias, url, notes = '' }: (typeof apis)[number]): boolean =>
      text === undefined || `${alias} ${url} ${notes}`.toLowerCase().includes(text.toLowerCase());
    return { apis: apis.filter(matches) };
  },
  text: ({ apis }) =>
    apis.length === 0
      ? 'No API is registered; api_add registers one.'
      : [
          counted(apis.length, 'API'),
          ...apis.map(
            ({
              alias,
              url,
              health_check_method,
              health_check_endpoint = '',
              auth_method,
              last_check,
              notes,
            }) =>
              `${alias}: ${health_check_method} ${url}${health_check_endpoint && ` ${health_check_endpoint}`}, auth ${auth_method}, ${last_check ? `${last_check.status} ${relative(last_check.at, Date.now())} from ${last_check.from}` : 'never checked'}${notes ? `; ${notes}` : ''}`,
          ),
        ].join('\n'),
});
