import { defineTool, HostAlias } from '@flotilla/core';
import { z } from 'zod';
import { apiResult, apiResultShape, apiResultText } from '../lib/api/api-result.ts';
import { HttpUrl, parseUrl } from '../lib/api/settings.ts';
import { probeHttp } from '../lib/probe/http-probe.ts';
import { vantages } from '../lib/probe/service.ts';

export const checkApiHealth = defineTool({
  name: 'check_api_health',
  title: 'Check an address from a host',
  description:
    'Whether an HTTP address is up as one host reaches it: status code, time, certificate. ' +
    'For addresses that only that host can reach, e.g. http://127.0.0.1:3000/health; nothing has to be registered and nothing is logged in to. ' +
    'api_check does the same for a registered API with its login.',
  effect: 'read',
  input: z.object({
    alias: HostAlias,
    url: HttpUrl.describe('Address to get, http or https'),
    timeout: z.number().min(0.1).max(120).default(10).describe('Seconds for the whole check'),
  }),
  output: z.object({ alias: z.string(), ...apiResultShape }),
  run: async (context, { alias, url, timeout }) => {
    context.hosts.resolve(alias);
    const { dial } = await context.use(vantages);
    const finding = await probeHttp(
      { url: parseUrl(url), method: 'GET', credentials: {}, timeoutMs: timeout * 1000 },
      dial(alias),
      context.signal,
    );
    return { alias, ...apiResult(alias, finding) };
  },
  text: ({ alias: _, ...result }) => apiResultText(result.url, result),
});
