import { secret } from '@flotilla/core';
import { z } from 'zod';
import { AuthMethod, HttpUrl } from './settings.ts';

const OneLine = z.string().regex(/^[^\r\n]*$/, 'one line');
const Secret = OneLine.min(1).max(8192);

/** What describes an API besides its name: the arguments of api_add, and the fields of the earlier orchestrator's apis.json. */
export const apiInputShape = {
  url: HttpUrl.describe('Base address, http or https, without user and password'),
  health_check_endpoint: OneLine.max(2000)
    .optional()
    .describe('Path of the check below url, e.g. /health; default url itself'),
  health_check_method: z.enum(['GET', 'POST']).default('GET').describe('Method of the check'),
  auth_method: AuthMethod.default('none').describe(
    'How to log in: a key in a header, user and password (Basic), or both',
  ),
  api_key: secret(Secret).optional().describe('Key for api_key and both'),
  auth_header_name: z
    .string()
    .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'a header name')
    .max(100)
    .default('Authorization')
    .describe('Header that carries the key'),
  auth_scheme: z
    .string()
    .regex(/^[A-Za-z0-9._~+/-]*$/, 'one word')
    .max(50)
    .default('Bearer')
    .describe('Word before the key; "" for none'),
  htpasswd_user: OneLine.min(1)
    .max(200)
    .regex(/^[^:]*$/, 'no colon')
    .optional()
    .describe('User for htpasswd and both'),
  htpasswd_pass: secret(Secret).optional().describe('Password for htpasswd and both'),
  expected_status: z
    .number()
    .int()
    .min(100)
    .max(599)
    .optional()
    .describe('Status that means up; default 200–399'),
  expected_body: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .describe('Text that must be in the first 64 KiB of the answer'),
  timeout: z.number().min(0.1).max(120).default(10).describe('Seconds for the whole check'),
  notes: z.string().max(2000).optional().describe('What is worth knowing about it'),
};
export const ApiInput = z.object(apiInputShape);
export type ApiInput = z.infer<typeof ApiInput>;
