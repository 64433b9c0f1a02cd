import { defineTool } from '@flotilla/core';
import { z } from 'zod';
import { apiInputShape } from '../lib/api/api-input.ts';
import { saveApi } from '../lib/api/save-api.ts';
import { ApiAlias } from '../lib/api/settings.ts';

export const apiAdd = defineTool({
  name: 'api_add',
  title: 'Add an API',
  description:
    'Registers an API by name, or replaces what is registered, so that api_check can tell whether it is up. ' +
    'Secrets are stored encrypted and never shown; those not given again stay, but a changed url drops them. ' +
    'Example: auth_method "api_key" with auth_header_name "X-API-Key" and auth_scheme "".',
  effect: 'write',
  openWorld: false,
  targets: () => undefined,
  input: z.object({ alias: ApiAlias, ...apiInputShape }),
  output: z.object({
    alias: z.string(),
    url: z.string(),
    created: z.boolean(),
    checks: z.string().describe('Address that is checked'),
    droppedSecrets: z.array(z.string()).describe('Secrets that were stored for another url'),
  }),
  run: async (context, { alias, ...input }) => {
    const { created, dropped, url, target } = await saveApi(context, alias, input);
    return { alias, url, created, checks: target.href, droppedSecrets: dropped };
  },
  text: ({ alias, created, checks, droppedSecrets }) =>
    `${created ? 'Added' : 'Changed'} ${alias}; api_check looks at ${checks}.${droppedSecrets.length > 0 ? ` The url changed: ${droppedSecrets.join(' and ')} must be given again.` : ''}`,
});
