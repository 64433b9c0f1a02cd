import { defineTool } from '@flotilla/core';
import { z } from 'zod';
import { apiCatalogue } from '../lib/api/service.ts';
import { ApiAlias } from '../lib/api/settings.ts';

export const apiRemove = defineTool({
  name: 'api_remove',
  title: 'Remove an API',
  description: 'Forgets a registered API and its secrets. The API itself is not touched.',
  effect: 'destroy',
  openWorld: false,
  targets: () => undefined,
  input: z.object({ alias: ApiAlias }),
  output: z.object({ alias: z.string(), url: z.string(), removed: z.boolean() }),
  run: async (context, { alias }) => {
    const { settings } = await (await context.use(apiCatalogue)).remove(alias);
    return { alias, url: settings.url, removed: true };
  },
  text: ({ alias, url }) => `Removed ${alias} (${url}) and its secrets.`,
});
