import {
  anyHostFailed,
  defineTool,
  eachHost,
  fanOutArguments,
  HostTarget,
  hostRowSchema,
  rowsText,
} from '@flotilla/core';
import { z } from 'zod';
import { type ApiResult, apiResult, apiResultShape, apiResultText } from '../lib/api/api-result.ts';
import { HttpUrl, parseUrl } from '../lib/api/settings.ts';
import { probeHttp } from '../lib/probe/http-probe.ts';
import { vantages } from '../lib/probe/service.ts';

export const checkApiHealth = defineTool({
  name: 'check_api_health',
  title: 'Check an address from a host',
  description:
    'Whether an HTTP address is up as one host or each of many reaches it: status code, time, certificate. ' +
    'For addresses that only that host can reach, e.g. http://127.0.0.1:3000/health; nothing has to be registered and nothing is logged in to. ' +
    'api_check does the same for a registered API with its login.',
  effect: 'read',
  input: z.object({
    alias: HostTarget,
    url: HttpUrl.describe('Address to get, http or https'),
    timeout: z.number().min(0.1).max(120).default(10).describe('Seconds for the whole check'),
    ...fanOutArguments,
  }),
  output: z.object({ rows: z.array(hostRowSchema(apiResultShape)) }),
  isError: anyHostFailed,
  run: async (context, { url, timeout, ...input }) => {
    const request = {
      url: parseUrl(url),
      method: 'GET',
      credentials: {},
      timeoutMs: timeout * 1000,
    } as const;
    const { dial } = await context.use(vantages);
    const rows = await eachHost(context, input, async (alias) => {
      return apiResult(alias, await probeHttp(request, dial(alias), context.signal));
    });
    return { rows };
  },
  text: ({ rows }) => rowsText<ApiResult>(rows, (result) => apiResultText(result.url, result)),
});
