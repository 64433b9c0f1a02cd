import { fenceRemote } from '@flotilla/core';
import { z } from 'zod';
import { hostWord } from '../host/words.ts';
import type { HttpFinding } from '../probe/http-probe.ts';
import { Certificate } from '../probe/tls-stream.ts';

/** What a check of an API answers. */
export const apiResultShape = {
  url: z.string().describe('Where the check ended, without its query'),
  from: z.string().describe('hub, or the alias of the host it was made from'),
  status: z.enum(['UP', 'DOWN']),
  http_code: z.number().int().optional(),
  response_time_ms: z.number(),
  reason: z.string().optional().describe('Why it is down'),
  redirects: z.number().int().optional(),
  certificate: Certificate.optional(),
};
const ApiResult = z.object(apiResultShape);
export type ApiResult = z.infer<typeof ApiResult>;

export const apiResult = (from: string, finding: HttpFinding): ApiResult => ({
  url: hostWord(finding.finalUrl, 500),
  from,
  status: finding.failure ? 'DOWN' : 'UP',
  ...(finding.status !== undefined && { http_code: finding.status }),
  response_time_ms: finding.ms,
  ...(finding.failure && { reason: finding.failure.message }),
  ...(finding.redirects > 0 && { redirects: finding.redirects }),
  ...(finding.certificate && { certificate: finding.certificate }),
});

export function apiResultText(name: string, result: ApiResult): string {
  const code = result.http_code === undefined ? '' : `, HTTP ${result.http_code}`;
  const where = `from ${result.from === 'hub' ? 'the hub' : result.from}`;
  const lines = [
    `${name} is ${result.status}${code} in ${result.response_time_ms} ms ${where}${result.reason ? `: ${result.reason}` : ''}`,
  ];
  if (result.redirects)
    lines.push(`Redirected ${result.redirects} times:\n${fenceRemote(result.url, 'Location')}`);
  const days = result.certificate?.daysLeft;
  if (days !== undefined && days < 21)
    lines.push(`Its certificate ${days < 0 ? 'has expired' : `expires in ${days} days`}.`);
  return lines.join('\n');
}
