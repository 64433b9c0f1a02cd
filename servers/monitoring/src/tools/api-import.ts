import {
  defineTool,
  FlotillaError,
  isFlotillaError,
  type ToolContext,
  visibleControls,
} from '@flotilla/core';
import { z } from 'zod';
import { readApisFile } from '../lib/api/apis-file.ts';
import { checkApiInput, saveApi } from '../lib/api/save-api.ts';
import { apiCatalogue } from '../lib/api/service.ts';
import { parseUrl } from '../lib/api/settings.ts';
import { counted } from '../lib/host/words.ts';

const Row = z.object({
  alias: z.string(),
  action: z.enum(['add', 'update', 'refused']),
  url: z.string().optional(),
  auth_method: z.string().optional(),
  leftOut: z.array(z.string()).optional().describe('Fields that mean nothing here'),
  reason: z.string().optional(),
});
type Row = z.infer<typeof Row>;

export const apiImport = defineTool({
  name: 'api_import',
  title: 'Import APIs',
  description:
    'Registers the APIs in apis.json of the earlier orchestrator, their keys and passwords encrypted; with dryRun it only shows the plan. ' +
    'An alias that stands for another url here is refused, bad entries are reported, the rest is imported. ' +
    'The file is looked for in the data folder; only a person may name another place.',
  effect: { max: 'write', of: ({ dryRun }) => (dryRun ? 'read' : 'write') },
  openWorld: false,
  input: z.object({
    path: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe('Absolute path of apis.json or its folder; only a person may give it'),
    dryRun: z.boolean().default(false).describe('Only say what would be imported'),
  }),
  output: z.object({
    dryRun: z.boolean(),
    source: z.string(),
    rows: z.array(Row),
    secretsInClear: z.boolean().describe('The file still holds keys or passwords'),
  }),
  run: async (context, { path, dryRun }) => {
    if (path !== undefined && context.principal.kind !== 'cli')
      throw new FlotillaError('APPROVAL_REQUIRED', 'Only a person can import from another path.', {
        hint: 'Nothing was read. A person runs it at a terminal: flotilla call api_import with path.',
      });
    const file = await readApisFile(path ?? context.settings.dataDir);
    const rows: Row[] = file.refused.map((row) => ({ ...row, action: 'refused' }));
    for (const api of file.apis) rows.push(await takeOver(context, api, dryRun));
    return { dryRun, source: file.path, rows, secretsInClear: file.secrets > 0 };
  },
  text: ({ dryRun, source, rows, secretsInClear }) => {
    const taken = rows.filter(({ action }) => action !== 'refused').length;
    const lines = rows.map(({ alias, action, url, auth_method, leftOut, reason }) =>
      visibleControls(
        action === 'refused'
          ? `refused ${alias}: ${reason}`
          : `${action} ${alias}: ${url}, auth ${auth_method}${leftOut ? `, left out: ${leftOut.join(', ')}` : ''}`,
      ),
    );
    return [
      `${dryRun ? 'Would import' : 'Imported'} ${counted(taken, 'API')} of ${rows.length} from ${source}.`,
      ...lines,
      ...(secretsInClear && !dryRun
        ? ['The file still holds keys or passwords in clear: remove it when all is well.']
        : []),
    ].join('\n');
  },
});

async function takeOver(
  context: ToolContext,
  { alias, input, leftOut }: Awaited<ReturnType<typeof readApisFile>>['apis'][number],
  dryRun: boolean,
): Promise<Row> {
  try {
    const url = parseUrl(input.url).href;
    const catalogue = await context.use(apiCatalogue);
    const known = catalogue.list().find((entry) => entry.alias === alias);
    if (known && known.settings.url !== url)
      return { alias, action: 'refused', reason: `it is ${known.settings.url} here: api_remove it first` };
    if (dryRun) checkApiInput(input, () => (known ? catalogue.secrets(alias) : undefined));
    else await saveApi(context, alias, input);
    return {
      alias,
      action: known ? 'update' : 'add',
      url,
      auth_method: input.auth_method,
      ...(leftOut.length > 0 && { leftOut: leftOut.map((key) => key.slice(0, 60)) }),
    };
  } catch (error) {
    if (!isFlotillaError(error) || error.code !== 'INVALID_INPUT') throw error;
    return { alias, action: 'refused', reason: error.message };
  }
}
